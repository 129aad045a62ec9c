"""Series whose order of CPUs is open: both ways are shown, neither is chosen by its fit."""

from microbench.reference.series import load_series
from microbench.study.smp.otherwise import Otherwise, otherwise, said


def test_both_orders_of_every_open_series_are_computed():
    found = otherwise()
    assert [x.series.name for x in found] == [s.name for s in load_series() if s.or_order]
    for one in found:
        assert one.series.order != one.series.or_order
        assert len(one.errors) == len(one.others) == len(one.series.cpus)
        assert one.errors[0] == one.others[0]  # alone, a CPU has no order
    assert any(x.errors != x.others for x in found)


def test_the_words_have_both_medians():
    series = next(s for s in load_series() if s.or_order)
    (line,) = said([Otherwise(series, (0.1, -0.3), (0.5, 0.6))])
    assert "20%" in line
    assert "55%" in line
    assert "(+50, +60)" in line

"""Two models at points that neither saw, counted by hand."""

from microbench.study.smp.nearer import Nearer, nearer, said


def test_points_series_and_means_by_hand():
    theirs = {("a --cpus 4", "x"): 0.3, ("a --cpus 8", "x"): -0.5, ("b --cpus 4", "y"): 0.1}
    ours = {**dict.fromkeys(theirs, 0.2), ("a --cpus 1", "x"): 9.0}
    got = nearer(ours, theirs)
    assert (got.points, got.points_won, got.series, got.series_won) == (3, 2, 2, 1)
    assert (round(got.mean, 6), round(got.other_mean, 6)) == (0.2, 0.3)


def test_the_words_have_the_counts():
    text = said(Nearer(54, 27, 13, 7, 0.26, 0.32), "the engine", "USL")
    assert "27, in 7 of 13 series; mean error 26% against 32%" in text

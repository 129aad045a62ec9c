"""Arrays of an archive in memory: every declared size checked before anything is made of it.

Knows NumPy's archive: a zip of arrays, each with a header. Refuses pickles, and any array
whose header promises more or less than its member holds.
"""

from __future__ import annotations

import io
import math
import zipfile

import numpy as np

from microbench.errors import InputError

MOST_UNPACKED = 1 << 30
MOST_MEMBERS = 1 << 16
_KINDS = "iufSU"


def read_arrays(content: bytes, file: object) -> dict[str, np.ndarray]:
    """Every array of an archive by name.

    Parameters
    ----------
    content : bytes
    file : object
        What errors name.

    Raises
    ------
    InputError
        If it is no such archive, holds a pickle, or unpacks to more than `MOST_UNPACKED`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if size > MOST_UNPACKED or len(members) > MOST_MEMBERS:
                problem = f"{size} bytes unpacked, {len(members)} members; at most {MOST_UNPACKED}"
                raise InputError(file, "", "", problem)
            return {
                member.filename.removesuffix(".npy"): _array(archive.read(member), member, file)
                for member in members
            }
    except InputError:
        raise
    except Exception as error:  # zip, zlib, and NumPy's reader of headers throw a dozen kinds
        raise InputError(
            file, "", "", f"not an archive of arrays ({type(error).__name__})"
        ) from None


def _array(content: bytes, member: zipfile.ZipInfo, file: object) -> np.ndarray:
    name, stream = member.filename, io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    header = {(1, 0): np.lib.format.read_array_header_1_0}.get(
        version, np.lib.format.read_array_header_2_0
    )
    shape, by_column, kind = header(stream)
    if kind.hasobject or kind.kind not in _KINDS:
        raise InputError(file, name, str(kind), "only plain numbers and text are read, no pickle")
    held = len(content) - stream.tell()
    if math.prod(shape) * kind.itemsize != held or kind.itemsize == 0:
        raise InputError(file, name, shape, f"promises other than the {held} bytes that follow")
    flat = np.frombuffer(content, kind, offset=stream.tell())
    return flat.reshape(shape, order="F" if by_column else "C").copy()

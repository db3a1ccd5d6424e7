# SPDX-License-Identifier: MIT
"""Bodies in the content codings. Python 3.11 has no zstd, so the system's library is called."""
import ctypes
import gzip


def zstd(data):
    library = ctypes.CDLL("libzstd.so.1")
    for function in (library.ZSTD_compressBound, library.ZSTD_compress):
        function.restype = ctypes.c_size_t
    room = library.ZSTD_compressBound(ctypes.c_size_t(len(data)))
    target = ctypes.create_string_buffer(room)
    count = library.ZSTD_compress(
        target, ctypes.c_size_t(room), data, ctypes.c_size_t(len(data)), 3)
    return target.raw[:count]


ENCODERS = {"gzip": gzip.compress, "zstd": zstd}

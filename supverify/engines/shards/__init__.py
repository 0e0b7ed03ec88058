"""Work in pieces: on threads, processes or a dask cluster, with a journal."""

"""The trusted part of supverify for networks: standard library and integers only, no search, no state.

Read in this order (it is also the import order): ``errors``, ``verdict``, ``codec``, ``network``, ``claim``,
``packed``, ``slots``, ``bounds``, ``ideal``, ``certificate``, ``check``.
"""

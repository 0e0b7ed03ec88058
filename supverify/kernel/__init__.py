"""The trusted part of supverify for networks: standard library and integers only, no search, no state.

Read in this order (it is also the import order): ``errors``, ``verdict``, ``codec``, ``network``, ``claim``,
``packed``, ``linear``, ``slots``, ``steps``, ``bounds``, ``ideal``, ``certificate``, ``check``.
"""

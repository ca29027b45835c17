"""The lifetime ledger: every event of every job of a customer, interleaved in one total order. Reads only."""

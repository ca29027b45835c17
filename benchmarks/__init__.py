"""Measurements that publish themselves: each run writes its script's JSON with machine, versions, sizes and ratios taken in the same run."""

"""Are two records one run?"""

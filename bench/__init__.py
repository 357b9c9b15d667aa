"""Ratios against floors, both sides measured in one run; never part of the tests."""

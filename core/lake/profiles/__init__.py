"""Profiles: counts per day, slice, feature and bin, made once and summed for any window."""

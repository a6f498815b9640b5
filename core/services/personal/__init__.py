"""Personal data: masked by default, revealed with a reason, bound by the trail."""

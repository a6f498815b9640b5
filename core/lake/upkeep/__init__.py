"""Files written anew: compaction, erasure, disposal, and looking whether all is there."""

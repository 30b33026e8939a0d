"""How fast the studio is, beside the barest thing that does the same work, in the same run (`make bench`)."""

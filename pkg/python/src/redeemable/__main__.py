"""`python -m redeemable`: commands for organisers and operators; `--help` says what each does."""

import sys

from ._cli import main

sys.exit(main(sys.argv[1:]))

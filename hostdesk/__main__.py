"""``python -m hostdesk``."""

import sys

from hostdesk.cli import main

sys.exit(main())

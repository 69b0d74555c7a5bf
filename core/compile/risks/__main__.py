"""Make the weights of the judge of risks anew: python -m personac.core.compile.risks [ENCODER]

With an encoder only its branch is trained, so that two may be trained at the same time.
"""

import sys

from .build import build, train_branch

if __name__ == "__main__":
    for name in sys.argv[1:]:
        train_branch(name, print)
    if not sys.argv[1:]:
        build(print)

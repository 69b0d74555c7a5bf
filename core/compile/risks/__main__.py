"""Make core/mind/risk/weights.safetensors anew: python -m personac.core.compile.risks"""

from .build import build

if __name__ == "__main__":
    for line in build():
        print(line)

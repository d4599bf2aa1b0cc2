"""The example of the SciPy 2015 paper (p. 191), ported to Python 3 and numpy."""

import sys

import numpy

__version__ = "1.2.3a"


# version numbers are deliberately different
# for testing purposes
def get_version():
    return (1, 2, "3b")


def run():
    parameter_file = sys.argv[1]
    parameters = {}
    # this way of reading parameters
    # is not necessarily recommended
    with open(parameter_file) as file:
        exec(file.read(), parameters)
    numpy.random.seed(parameters["seed"])
    distr = getattr(numpy.random, parameters["distr"])
    data = distr(size=parameters["n"])

    numpy.savetxt("Data/example2.dat", data)


if __name__ == "__main__":
    run()

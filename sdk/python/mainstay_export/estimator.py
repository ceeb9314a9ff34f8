"""The parts of a fitted estimator of scikit-learn."""


def parts_of(estimator):
    """The estimator and all that it is made of, as fitted."""
    held, seen = [estimator], set()
    while held:
        part = held.pop()
        if isinstance(part, dict):
            held.extend(part.values())
        elif isinstance(part, (list, tuple)) or (getattr(part, "dtype", None) == object and getattr(part, "ndim", 0)):
            held.extend(part)
        elif hasattr(part, "get_params") and not isinstance(part, type) and id(part) not in seen:
            seen.add(id(part))
            yield part
            held.extend(vars(part).values())


def is_missing(value):
    return value is None or value != value

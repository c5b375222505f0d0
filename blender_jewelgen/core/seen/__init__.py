"""What a picture shows of a piece of jewelry: where the thing is, what form it has, how large its parts are."""

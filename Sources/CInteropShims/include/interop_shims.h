// Variadic functions and macros of librdkafka that Swift cannot import.

// Protobuf messages whose schema is known at run time only, as JSON: a C face on libprotobuf's C++ (parser, dynamic messages),
// which Swift cannot call. No exception leaves it, nothing is written to standard error, and every call is bounded.
#ifndef PROTOBUF_READER_H
#define PROTOBUF_READER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct protobuf_schema protobuf_schema;

enum protobuf_outcome {
    PROTOBUF_READ = 0,
    /// The path leads to no message of the schema.
    PROTOBUF_NO_SUCH_MESSAGE,
    /// The bytes are no message of this type.
    PROTOBUF_MALFORMED,
    PROTOBUF_TOO_DEEP,
    /// The JSON or the message in memory would be larger than the limits.
    PROTOBUF_TOO_LARGE,
    /// The library gave up, for want of memory for instance.
    PROTOBUF_FAILED
};

/// Reads .proto texts. `names` are what import statements say; the last file is the schema itself, those before it are what it
/// imports. google/protobuf/*.proto come with the library.
/// On failure it is NULL and `fault` (of `fault_capacity` bytes) holds a sentence that ends with a NUL. The caller frees the
/// schema; it may be used from several threads at once.
protobuf_schema *protobuf_schema_read(const char *const *names, const char *const *texts, const size_t *lengths, size_t count,
                                      char *fault, size_t fault_capacity);
void protobuf_schema_free(protobuf_schema *schema);

/// Makes JSON of one message. `path` leads to its type: the index of a message in the file, then of one nested in it, and so on.
/// On PROTOBUF_READ `json` holds `json_length` bytes, which the caller frees with protobuf_json_free; otherwise it is NULL.
enum protobuf_outcome protobuf_to_json(protobuf_schema *schema, const int32_t *path, size_t path_length, const uint8_t *bytes,
                                       size_t length, size_t largest_json, int deepest, char **json, size_t *json_length);
void protobuf_json_free(char *json);

#ifdef __cplusplus
}
#endif

#endif

// CLD2 (Compact Language Detector 2) behind a C interface.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    // CLD2's code of the language that most of the text is in ("en", "zh-Hant", "sr"); NULL where it cannot tell.
    // Lives as long as the process.
    const char *code;
    // Share of the text that is in this language, 0 to 100.
    int32_t percent;
    // Letters that the decision rests on, in bytes.
    int32_t letter_bytes;
    // CLD2's own word on it: the language is some amount more probable than the next.
    bool is_reliable;
} language_detection_t;

// `text` is plain text of `length` bytes; bytes that are not UTF-8 give no language. With `best_effort` a few letters are
// enough. Can be called from any number of threads at once: CLD2 keeps what it works on on the stack and in the call's own
// objects, its tables are constant.
language_detection_t language_detection_detect(const char *text, int32_t length, bool best_effort);

#ifdef __cplusplus
}
#endif

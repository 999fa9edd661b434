// The one call of CLD2 that is made, with its exceptions kept on this side.
#include "language_detection.h"

// CLD2's header uses FILE without including it.
#include <cstdio>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

extern "C" language_detection_t language_detection_detect(
    const char *text, int32_t length, bool best_effort) {
    language_detection_t answer = {nullptr, 0, 0, false};
    try {
        const CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
        CLD2::Language languages[3];
        int percents[3], letters = 0, valid = 0;
        double scores[3];
        bool is_reliable = false;
        CLD2::ExtDetectLanguageSummaryCheckUTF8(
            text, length, true, &hints, best_effort ? CLD2::kCLDFlagBestEffort : 0, languages, percents, scores, nullptr,
            &letters, &is_reliable, &valid);
        if (valid < length || languages[0] == CLD2::UNKNOWN_LANGUAGE) return answer;
        answer = {CLD2::LanguageCode(languages[0]), percents[0], letters, is_reliable};
    } catch (...) {
        // Out of memory: a post without a language is better than none.
    }
    return answer;
}

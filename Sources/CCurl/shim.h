// curl_easy_setopt and curl_easy_getinfo take any type of argument, which Swift cannot call: one function for each type that is used.
#include <curl/curl.h>

typedef size_t (*winnow_curl_receiver)(char *bytes, size_t size, size_t count, void *context);
typedef int (*winnow_curl_progress)(void *context, curl_off_t expected, curl_off_t received, curl_off_t to_send, curl_off_t sent);

static inline CURLcode winnow_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode winnow_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode winnow_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode winnow_curl_set_receiver(CURL *handle, CURLoption option, winnow_curl_receiver value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode winnow_curl_set_progress(CURL *handle, CURLoption option, winnow_curl_progress value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode winnow_curl_status(CURL *handle, long *status) {
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, status);
}

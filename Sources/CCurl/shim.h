// libcurl's variadic calls, which Swift cannot see, one typed function for each kind of value.
#ifndef CCURL_SHIM_H
#define CCURL_SHIM_H

#include <curl/curl.h>
#include <spawn.h>

// Only declared with GNU's extensions, which Swift's view of the headers doesn't have.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

static inline int ccurl_close_from(posix_spawn_file_actions_t *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

static inline CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_large(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *list) {
    return curl_easy_setopt(easy, option, list);
}

typedef size_t (*ccurl_sink)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode ccurl_set_sink(CURL *easy, CURLoption option, ccurl_sink function) {
    return curl_easy_setopt(easy, option, function);
}

typedef int (*ccurl_socket_hook)(void *context, curl_socket_t socket, curlsocktype purpose);

static inline CURLcode ccurl_set_socket_hook(CURL *easy, CURLoption option,
                                             ccurl_socket_hook function) {
    return curl_easy_setopt(easy, option, function);
}

typedef curl_socket_t (*ccurl_opener)(void *context, curlsocktype purpose,
                                      struct curl_sockaddr *address);

static inline CURLcode ccurl_set_opener(CURL *easy, CURLoption option, ccurl_opener function) {
    return curl_easy_setopt(easy, option, function);
}

// Swift would copy the part of the address that all families have.
static inline const struct sockaddr *ccurl_address(const struct curl_sockaddr *address) {
    return &address->addr;
}

static inline CURLcode ccurl_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode ccurl_get_large(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode ccurl_get_pointer(CURL *easy, CURLINFO info, void **value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

#endif

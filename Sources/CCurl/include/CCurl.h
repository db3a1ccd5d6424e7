// SPDX-License-Identifier: MIT
// libcurl for Swift: loaded when it is first used, and its variadic calls as typed ones.
//
// libcurl brings twenty other libraries into the process (Kerberos, LDAP, SSH, a second TLS): some
// MiB that a gateway without an exchange of its own should not hold. So it is opened, not linked.
#ifndef CCURL_H
#define CCURL_H
#include <curl/curl.h>

typedef size_t (*ccurl_data_callback)(char *data, size_t size, size_t count, void *argument);

// Opens libcurl and initializes it; every other call may be made only after this has returned 1.
// To be called once, by one thread.
int ccurl_load(void);

CURL *ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *easy);
CURLcode ccurl_easy_pause(CURL *easy, int mask);
const char *ccurl_easy_strerror(CURLcode code);
CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *easy, CURLoption option, curl_off_t value);
CURLcode ccurl_set_string(CURL *easy, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *value);
CURLcode ccurl_set_list(CURL *easy, CURLoption option, struct curl_slist *value);
CURLcode ccurl_set_data_callback(CURL *easy, CURLoption option, ccurl_data_callback value);
long ccurl_get_long(CURL *easy, CURLINFO info);

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *text);
void ccurl_slist_free_all(struct curl_slist *list);

CURLM *ccurl_multi_init(void);
void ccurl_multi_cleanup(CURLM *multi);
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *easy);
CURLMcode ccurl_multi_socket_action(
    CURLM *multi, curl_socket_t descriptor, int events, int *running);
CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLMcode ccurl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value);
CURLMcode ccurl_multi_set_socket_callback(CURLM *multi, curl_socket_callback value);
CURLMcode ccurl_multi_set_timer_callback(CURLM *multi, curl_multi_timer_callback value);
// The next finished transfer and its result, or NULL.
CURL *ccurl_multi_next_done(CURLM *multi, CURLcode *result);
#endif

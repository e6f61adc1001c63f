#include "io/courier/client/http_fetch.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>

namespace surged {
namespace {

constexpr curl_off_t retry_after_s_max = 86400;

struct FetchTransfer {
    FetchReply reply;
    std::size_t bytes_max = 0;
    const std::atomic<bool>* stop = nullptr;
    bool too_long = false;
};

std::size_t on_fetched(char* bytes, std::size_t, std::size_t size, void* context) {
    auto& transfer = *static_cast<FetchTransfer*>(context);
    transfer.too_long = transfer.reply.body.size() + size > transfer.bytes_max;
    if (transfer.too_long) {
        return 0;
    }
    transfer.reply.body.append(bytes, size);
    return size;
}

int on_fetching(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return *static_cast<FetchTransfer*>(context)->stop ? 1 : 0;
}

bool one_line(const std::string& text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
}

/// Lists of libcurl free themselves.
struct HeaderList {
    curl_slist* list = nullptr;
    HeaderList() = default;
    ~HeaderList() { curl_slist_free_all(list); }
    HeaderList(const HeaderList&) = delete;
    HeaderList& operator=(const HeaderList&) = delete;
};

void set_who(CURL* handle, const FetchRequest& request) {
    if (request.user.empty()) {
        return;
    }
    curl_easy_setopt(handle, CURLOPT_USERNAME, request.user.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, request.password.c_str());
    if (request.aws_sign.empty()) {
        curl_easy_setopt(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    } else {
        curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, request.aws_sign.c_str());
    }
}

}  // namespace

struct HttpFetch::Parts {
    const std::atomic<bool>& stop;
    CURL* handle = nullptr;
    std::array<char, CURL_ERROR_SIZE> error{};
};

HttpFetch::HttpFetch(const std::atomic<bool>& stop) : parts_(new Parts{stop, nullptr, {}}) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    parts_->handle = curl_easy_init();
}

HttpFetch::~HttpFetch() {
    curl_easy_cleanup(parts_->handle);
}

bool HttpFetch::same_host(const std::string& a, const std::string& b) {
    const auto front = [](const std::string& url) -> std::string {
        CURLU* parsed = curl_url();
        std::string out;
        if (curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK) {
            for (const auto part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
                char* text = nullptr;
                if (curl_url_get(parsed, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK) {
                    out += text;
                    out += '|';
                }
                curl_free(text);
            }
        }
        curl_url_cleanup(parsed);
        return out;
    };
    const auto first = front(a);
    return !first.empty() && first == front(b);
}

Result<FetchReply> HttpFetch::fetch(const FetchRequest& request) {
    CURL* handle = parts_->handle;
    curl_easy_reset(handle);  // keeps the connections
    parts_->error[0] = '\0';
    FetchTransfer transfer;
    transfer.bytes_max = request.bytes_max;
    transfer.stop = &parts_->stop;
    HeaderList headers;
    for (const auto& header : request.headers) {
        if (!one_line(header)) {
            return fail("a header has a line break: look at the file that its value comes from");
        }
        headers.list = curl_slist_append(headers.list, header.c_str());
    }
    // No "Expect:" here: the signature for AWS would cover a header that is not sent. Bodies are too small for libcurl to ask
    // first.
    if (!one_line(request.url)) {
        return fail("the URL has a line break");
    }
    if (request.method == "POST") {
        curl_easy_setopt(handle, CURLOPT_POST, 1L);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
    }
    set_who(handle, request);
    const auto timeout = static_cast<long>(std::max<std::int64_t>(request.timeout.count(), 1));
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.list);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");  // what is compressed counts by its whole size
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "surged");
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, parts_->error.data());
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, timeout);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout, 10000L));
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_fetched);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &on_fetching);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    if (!request.ca_file.empty()) {
        curl_easy_setopt(handle, CURLOPT_CAINFO, request.ca_file.c_str());
    }
    const CURLcode code = curl_easy_perform(handle);
    if (transfer.too_long) {
        return fail("the answer is longer than " + std::to_string(request.bytes_max) + " bytes (size_max_mib)");
    }
    if (code == CURLE_ABORTED_BY_CALLBACK) {
        return fail("stopped");
    }
    if (code != CURLE_OK) {
        return fail(parts_->error[0] != '\0' ? parts_->error.data() : curl_easy_strerror(code));
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl_off_t after_s = 0;
    curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &after_s);
    transfer.reply.status = static_cast<int>(status);
    transfer.reply.retry_after = std::chrono::seconds{std::clamp<curl_off_t>(after_s, 0, retry_after_s_max)};
    return std::move(transfer.reply);
}

}  // namespace surged

#include "io/courier/client/http_client.hpp"

#include <curl/curl.h>

#include <algorithm>

namespace surged {
namespace {

constexpr std::size_t body_max = std::size_t{64} << 20U;
constexpr std::size_t event_max = std::size_t{4} << 20U;

/// Text of server-sent events -> events. Lines may come in any pieces.
class EventReader {
public:
    explicit EventReader(const std::function<bool(std::string_view, std::string_view)>& each) : each_(each) {}

    bool feed(std::string_view bytes) {
        buffer_.append(bytes);
        std::size_t end = 0;
        while ((end = buffer_.find('\n')) != std::string::npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            if (!line.empty() && line.back() == '\r') {
                line.pop_back();
            }
            if (!take(line)) {
                return false;
            }
        }
        return buffer_.size() + data_.size() <= event_max;
    }

private:
    bool take(std::string_view line) {
        if (line.empty()) {
            const bool go_on = data_.empty() || each_(type_, data_);
            type_.clear();
            data_.clear();
            return go_on;
        }
        const std::size_t colon = line.find(':');
        const std::string_view name = line.substr(0, colon);
        std::string_view value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
        value.remove_prefix(!value.empty() && value.front() == ' ' ? 1 : 0);
        if (name == "event") {
            type_ = value;
        } else if (name == "data") {
            data_ += data_.empty() ? "" : "\n";
            data_ += value;
        }
        return true;
    }

    const std::function<bool(std::string_view, std::string_view)>& each_;
    std::string buffer_;
    std::string type_;
    std::string data_;
};

struct Transfer {
    CURL* handle = nullptr;
    ClientReply reply;
    EventReader* events = nullptr;
    const std::function<bool(std::string_view)>* piece = nullptr;  ///< a download
    const std::function<bool()>* stopped = nullptr;
    bool ended_by_us = false;
};

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* context) {
    Transfer& transfer = *static_cast<Transfer*>(context);
    long status = 0;
    curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
    if (transfer.events != nullptr && status == 200) {
        transfer.ended_by_us = !transfer.events->feed({bytes, size});
        return transfer.ended_by_us ? 0 : size;
    }
    if (transfer.piece != nullptr && status == 200) {
        return (*transfer.piece)({bytes, size}) ? size : 0;
    }
    if (transfer.reply.body.size() + size > body_max) {
        return 0;
    }
    transfer.reply.body.append(bytes, size);
    return size;
}

std::size_t on_head(char* bytes, std::size_t, std::size_t size, void* context) {
    constexpr std::string_view name = "last-modified:";
    const std::string_view line(bytes, size);
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    if (line.size() > name.size() && std::equal(name.begin(), name.end(), line.begin(), [&](char a, char b) { return a == lower(b); })) {
        const auto from = line.find_first_not_of(' ', name.size());
        const auto to = line.find_last_not_of(" \r\n");
        static_cast<Transfer*>(context)->reply.modified = from == std::string_view::npos || to < from ? "" : line.substr(from, to + 1 - from);
    }
    return size;
}

int on_progress(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    Transfer& transfer = *static_cast<Transfer*>(context);
    transfer.ended_by_us = transfer.stopped != nullptr && (*transfer.stopped)();
    return transfer.ended_by_us ? 1 : 0;
}

}  // namespace

struct HttpClient::Parts {
    HttpClientOptions options;
    CURL* handle = nullptr;
    char error[CURL_ERROR_SIZE] = {};

    Result<ClientReply> perform(const char* method, const std::string& path, const std::string* body, const std::string& key,
                              Transfer& transfer) {
        curl_easy_reset(handle);  // keeps the connection
        error[0] = '\0';
        transfer.handle = handle;
        const std::string url = options.server + path;
        curl_slist* headers = nullptr;
        const auto header = [&headers](const std::string& line) { headers = curl_slist_append(headers, line.c_str()); };
        header("Accept: application/json, text/event-stream");
        if (!options.token.empty()) {
            header("Authorization: Bearer " + options.token);
        }
        if (!key.empty()) {
            header("Idempotency-Key: " + key);
        }
        if (body != nullptr) {
            header("Content-Type: application/json");
            curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
            curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body->data());
        }
        curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
        curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
        curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
        curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error);
        curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, options.connect_timeout.count());
        curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, transfer.events != nullptr || transfer.piece != nullptr ? 0L : options.timeout.count());
        if (transfer.piece != nullptr) {
            curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
            curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, options.timeout.count() / 1000);
        }
        curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &on_head);
        curl_easy_setopt(handle, CURLOPT_HEADERDATA, &transfer);
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &on_body);
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, &transfer);
        curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
        curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &transfer);
        curl_easy_setopt(handle, CURLOPT_NOPROGRESS, transfer.stopped != nullptr ? 0L : 1L);
        if (!options.ca_file.empty()) {
            curl_easy_setopt(handle, CURLOPT_CAINFO, options.ca_file.c_str());
        }
        if (!options.cert_file.empty()) {
            curl_easy_setopt(handle, CURLOPT_SSLCERT, options.cert_file.c_str());
            curl_easy_setopt(handle, CURLOPT_SSLKEY, options.key_file.c_str());
        }
        const CURLcode code = curl_easy_perform(handle);
        curl_slist_free_all(headers);
        long status = 0;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        transfer.reply.status = static_cast<int>(status);
        if (code != CURLE_OK && !transfer.ended_by_us) {
            return fail("no answer from " + options.server + ": " + (error[0] != '\0' ? error : curl_easy_strerror(code)));
        }
        return std::move(transfer.reply);
    }
};

HttpClient::HttpClient(HttpClientOptions options) : parts_(std::make_unique<Parts>()) {
    while (!options.server.empty() && options.server.back() == '/') {
        options.server.pop_back();
    }
    parts_->options = std::move(options);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    parts_->handle = curl_easy_init();
}

HttpClient::~HttpClient() {
    curl_easy_cleanup(parts_->handle);
}

Result<ClientReply> HttpClient::get(const std::string& path) {
    Transfer transfer;
    return parts_->perform("GET", path, nullptr, "", transfer);
}

Result<ClientReply> HttpClient::post(const std::string& path, const std::string& json, const std::string& key) {
    Transfer transfer;
    return parts_->perform("POST", path, &json, key, transfer);
}

Result<ClientReply> HttpClient::remove(const std::string& path) {
    Transfer transfer;
    return parts_->perform("DELETE", path, nullptr, "", transfer);
}

Result<ClientReply> HttpClient::download(const std::string& path, const std::function<bool(std::string_view)>& piece) {
    Transfer transfer;
    transfer.piece = &piece;
    return parts_->perform("GET", path, nullptr, "", transfer);
}

Result<ClientReply> HttpClient::events(const std::string& path, const std::function<bool(std::string_view, std::string_view)>& each,
                                     const std::function<bool()>& stopped) {
    EventReader reader(each);
    Transfer transfer;
    transfer.events = &reader;
    transfer.stopped = &stopped;
    return parts_->perform("GET", path, nullptr, "", transfer);
}

}  // namespace surged

#include "io/courier/http_carrier.hpp"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "core/base/check.hpp"
#include "io/courier/curl_transport.hpp"

namespace surged {
namespace {

using Time = HttpCarrier::Time;

constexpr std::size_t handles_kept = 64;

/// One request in flight. Its address is known to libcurl, so it never moves.
struct Transfer {
    std::uint64_t ticket = 0;
    CURL* easy = nullptr;
    curl_slist* headers = nullptr;
    HttpRequest request;
    std::size_t body_sent = 0;  // handed to the kernel
    bool lost = false;          // a kept connection died under it, with the body sent
    Time first_byte{};
    HttpReply reply;
    bool cut = false;
    std::array<char, CURL_ERROR_SIZE> error{};
};

/// Before a request is written to a connection. When a kept connection turns out to be dead the library starts again on a new one; once
/// any of the body has left that would be a second copy that nobody knows of.
int on_begin(void* user, char*, char*, int, int) {
    auto& transfer = *static_cast<Transfer*>(user);
    transfer.lost = transfer.body_sent > 0;
    return transfer.lost ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

std::size_t on_write(char* data, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    const std::size_t bytes = size * count;
    const std::size_t room = transfer.request.reply_max - transfer.reply.body.size();
    transfer.reply.body.append(data, std::min(bytes, room));
    transfer.cut = bytes > room;
    return transfer.cut ? 0 : bytes;  // 0 ends the transfer: nobody reads on for a sink that talks without end
}

int on_debug(CURL*, curl_infotype type, char*, std::size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (type == CURLINFO_HEADER_OUT) {
        if (transfer.first_byte == Time{}) {
            transfer.first_byte = std::chrono::steady_clock::now();
        }
    } else if (type == CURLINFO_DATA_OUT) {
        transfer.body_sent += size;
    }
    return 0;
}

/// What became of a transfer that ended with `code`.
void judge(Transfer& transfer, CURLcode code) {
    HttpReply& reply = transfer.reply;
    curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &reply.status);
    reply.body_whole = code == CURLE_OK;
    if (reply.status >= 200) {
        reply.transport = Transport::answered;
        curl_off_t after_s = 0;
        curl_easy_getinfo(transfer.easy, CURLINFO_RETRY_AFTER, &after_s);
        const curl_off_t max_s = std::chrono::duration_cast<std::chrono::seconds>(retry_after_max).count();
        reply.retry_after = std::chrono::seconds{std::clamp<curl_off_t>(after_s, 0, max_s)};
        return;
    }
    reply.status = 0;
    reply.transport = transport_of(code, transfer.easy, transfer.body_sent >= transfer.request.body.size());
    reply.error = transfer.lost              ? "the connection was closed before an answer came"
                  : transfer.error[0] != '\0' ? transfer.error.data()
                                              : curl_easy_strerror(code);
}

}  // namespace

struct HttpCarrier::Multi {
    CURLM* handle = nullptr;
    std::map<CURL*, std::unique_ptr<Transfer>> transfers;
    std::vector<CURL*> idle;  // easy handles to use again
    std::uint64_t connections = 0;

    void set_up(Transfer& transfer, std::chrono::milliseconds timeout);
    std::unique_ptr<Transfer> take(CURL* easy);
};

HttpCarrier::HttpCarrier(std::size_t connections_kept) : multi_(std::make_unique<Multi>()) {
    SURGED_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);  // counted by the library, ended by the destructor
    multi_->handle = curl_multi_init();
    SURGED_CHECK(multi_->handle != nullptr);
    curl_multi_setopt(multi_->handle, CURLMOPT_MAXCONNECTS, static_cast<long>(connections_kept));
}

HttpCarrier::~HttpCarrier() {
    abandon();
    for (CURL* easy : multi_->idle) {
        curl_easy_cleanup(easy);
    }
    curl_multi_cleanup(multi_->handle);
    curl_global_cleanup();
}

void HttpCarrier::Multi::set_up(Transfer& transfer, std::chrono::milliseconds timeout) {
    CURL* easy = transfer.easy;
    for (const auto& header : transfer.request.headers) {
        transfer.headers = curl_slist_append(transfer.headers, header.c_str());
    }
    transfer.headers = curl_slist_append(transfer.headers, "Expect:");  // no waiting for "100 Continue"
    const auto limit = static_cast<long>(std::max<std::int64_t>(timeout.count(), 1));
    curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.reveal().c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a hanging name server must not hold the loop when a transfer is given up
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "surged");
    curl_easy_setopt(easy, CURLOPT_PROXY, transfer.request.proxy.c_str());
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(limit, connect_ms_max));
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    if (!transfer.request.ca_file.empty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, transfer.request.ca_file.c_str());
    }
    // From memory, so that head and body leave in one send. on_begin() keeps the library from sending it twice.
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.request.body.c_str());
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_begin);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
    // Verbose only to be told when bytes leave; nothing is printed.
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}

std::unique_ptr<Transfer> HttpCarrier::Multi::take(CURL* easy) {
    auto node = transfers.extract(easy);
    curl_multi_remove_handle(handle, easy);
    return std::move(node.mapped());
}

void HttpCarrier::start(std::uint64_t ticket, HttpRequest request, std::chrono::milliseconds timeout) {
    auto transfer = std::make_unique<Transfer>();
    transfer->ticket = ticket;
    transfer->request = std::move(request);
    if (multi_->idle.empty()) {
        transfer->easy = curl_easy_init();
        SURGED_CHECK(transfer->easy != nullptr);
    } else {
        transfer->easy = multi_->idle.back();
        multi_->idle.pop_back();
    }
    multi_->set_up(*transfer, timeout);
    curl_multi_add_handle(multi_->handle, transfer->easy);
    CURL* easy = transfer->easy;
    multi_->transfers.emplace(easy, std::move(transfer));
}

void HttpCarrier::drive(const Done& done) {
    int running = 0;
    curl_multi_perform(multi_->handle, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_->handle, &left)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        const CURLcode code = message->data.result;
        auto transfer = multi_->take(message->easy_handle);
        judge(*transfer, code);
        long opened = 0;
        curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &opened);
        multi_->connections += static_cast<std::uint64_t>(std::max(opened, 0L));
        curl_slist_free_all(transfer->headers);
        curl_easy_reset(transfer->easy);
        if (multi_->idle.size() < handles_kept) {
            multi_->idle.push_back(transfer->easy);
        } else {
            curl_easy_cleanup(transfer->easy);
        }
        done(transfer->ticket, transfer->reply, transfer->first_byte);
    }
}

void HttpCarrier::wait(std::span<const pollfd> extra, std::chrono::milliseconds within) {
    std::vector<curl_waitfd> fds;
    fds.reserve(extra.size());
    for (const auto& fd : extra) {
        const int wanted =
            ((fd.events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0) | ((fd.events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0);
        fds.push_back(curl_waitfd{fd.fd, static_cast<short>(wanted), 0});
    }
    curl_multi_poll(multi_->handle, fds.data(), static_cast<unsigned>(fds.size()), static_cast<int>(within.count()), nullptr);
}

void HttpCarrier::wake() {
    curl_multi_wakeup(multi_->handle);
}

void HttpCarrier::abandon() {
    while (!multi_->transfers.empty()) {
        auto transfer = multi_->take(multi_->transfers.begin()->first);
        curl_slist_free_all(transfer->headers);
        curl_easy_cleanup(transfer->easy);
    }
}

std::uint64_t HttpCarrier::connections() const {
    return multi_->connections;
}

}  // namespace surged

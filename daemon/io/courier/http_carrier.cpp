#include "io/courier/http_carrier.hpp"

#include <curl/curl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.hpp"
#include "io/courier/curl_transport.hpp"
#include "io/courier/idle_sockets.hpp"

namespace surged {
namespace {

using Time = HttpCarrier::Time;

constexpr std::size_t handles_kept = 320;  // as many as one channel has under way: a handle is some kilobytes, making one tens of microseconds

/// One request in flight. Its address is known to libcurl, so it never moves.
struct Transfer {
    std::uint64_t ticket = 0;
    CURL* easy = nullptr;
    IdleSockets* sockets = nullptr;
    IdleSockets::Use use;  // of the connection it was written to
    std::string way;
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
int on_begin(void* user, char*, char*, int, int local_port) {
    auto& transfer = *static_cast<Transfer*>(user);
    transfer.use = transfer.sockets->take(local_port);
    transfer.lost = transfer.body_sent > 0;
    return transfer.lost ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

curl_socket_t on_socket(void* user, curlsocktype, curl_sockaddr* address) {
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (fd >= 0) {
        static_cast<IdleSockets*>(user)->opened(fd);
    }
    return fd;
}

int on_socket_end(void* user, curl_socket_t fd) {
    static_cast<IdleSockets*>(user)->close(fd);
    return 0;
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

std::string way_of(const HttpRequest& request) {
    const std::string& url = request.url.reveal();
    const auto scheme = url.find("://");
    const auto host = scheme == std::string::npos ? 0 : scheme + 3;
    const auto end = std::min(url.find_first_of("/?#", host), url.size());
    const auto user = url.rfind('@', end);
    const auto from = user != std::string::npos && user >= host && user < end ? user + 1 : host;
    return url.substr(0, host) + url.substr(from, end - from) + " " + request.proxy + " " + request.ca_file;
}

struct HttpCarrier::Multi {
    CURLM* handle = nullptr;
    CURLSH* share = nullptr;  // TLS sessions: without it each easy handle remembers its own
    IdleSockets sockets;
    std::vector<WayNews> news;
    bool fresh = false;   // a request was started that has no connection yet
    bool looked = false;  // nothing had come on an idle connection when wait() returned, just now
    std::map<CURL*, std::unique_ptr<Transfer>> transfers;
    std::map<std::uint64_t, std::unique_ptr<Transfer>> ready;  // by ticket; the library has not heard of them
    std::vector<CURL*> idle;                                   // easy handles to use again
    std::uint64_t connections = 0;

    void set_up(Transfer& transfer, std::chrono::milliseconds timeout);
    void set_request(Transfer& transfer) const;
    std::unique_ptr<Transfer> take(CURL* easy);
    void put_away(Transfer& transfer);
    void note_end(const Transfer& transfer, bool reused);
    void sweep();
};

HttpCarrier::HttpCarrier(std::size_t connections_kept) : multi_(std::make_unique<Multi>()) {
    SURGED_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);  // counted by the library, ended by the destructor
    multi_->handle = curl_multi_init();
    multi_->share = curl_share_init();
    SURGED_CHECK(multi_->handle != nullptr && multi_->share != nullptr);
    curl_share_setopt(multi_->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);  // one thread: no locks
    curl_multi_setopt(multi_->handle, CURLMOPT_MAXCONNECTS, static_cast<long>(connections_kept));
}

HttpCarrier::~HttpCarrier() {
    abandon();
    for (CURL* easy : multi_->idle) {
        curl_easy_cleanup(easy);
    }
    curl_multi_cleanup(multi_->handle);
    curl_share_cleanup(multi_->share);
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
    curl_easy_setopt(easy, CURLOPT_SHARE, share);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &sockets);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_socket_end);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &sockets);
    if (!transfer.request.ca_file.empty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, transfer.request.ca_file.c_str());
    }
    set_request(transfer);
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

void HttpCarrier::Multi::set_request(Transfer& transfer) const {
    CURL* easy = transfer.easy;
    if (transfer.request.head) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    // From memory, so that head and body leave in one send. on_begin() keeps the library from sending it twice.
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.request.body.c_str());
}

/// After the library has let go of the transfer: is its connection kept?
void HttpCarrier::Multi::note_end(const Transfer& transfer, bool reused) {
    using What = WayNews::What;
    const auto after = sockets.release(transfer.use, transfer.way);
    const bool kept = after != IdleSockets::After::ended || sockets.waits(transfer.way);
    news.push_back({transfer.way, kept ? What::used : reused ? What::lost_in_use : What::lost_new});
}

void HttpCarrier::Multi::sweep() {
    for (auto& way : sockets.sweep()) {
        news.push_back({std::move(way), WayNews::What::lost_idle});
    }
}

std::unique_ptr<Transfer> HttpCarrier::Multi::take(CURL* easy) {
    auto node = transfers.extract(easy);
    curl_multi_remove_handle(handle, easy);
    return std::move(node.mapped());
}

/// What a transfer took beside itself is given back, or kept for the next one.
void HttpCarrier::Multi::put_away(Transfer& transfer) {
    curl_slist_free_all(transfer.headers);
    if (idle.size() < handles_kept) {
        curl_easy_reset(transfer.easy);
        idle.push_back(transfer.easy);
    } else {
        curl_easy_cleanup(transfer.easy);
    }
}

void HttpCarrier::make_ready(std::uint64_t ticket, HttpRequest request, std::chrono::milliseconds timeout) {
    auto transfer = std::make_unique<Transfer>();
    transfer->ticket = ticket;
    transfer->request = std::move(request);
    transfer->sockets = &multi_->sockets;
    transfer->way = way_of(transfer->request);
    if (multi_->idle.empty()) {
        transfer->easy = curl_easy_init();
        SURGED_CHECK(transfer->easy != nullptr);
    } else {
        transfer->easy = multi_->idle.back();
        multi_->idle.pop_back();
    }
    multi_->set_up(*transfer, timeout);
    multi_->ready.emplace(ticket, std::move(transfer));
}

void HttpCarrier::start(std::uint64_t ticket) {
    auto node = multi_->ready.extract(ticket);
    SURGED_CHECK(!node.empty());
    CURL* easy = node.mapped()->easy;
    multi_->fresh = true;
    curl_multi_add_handle(multi_->handle, easy);
    multi_->transfers.emplace(easy, std::move(node.mapped()));
}

void HttpCarrier::start(std::uint64_t ticket, HttpRequest request, std::chrono::milliseconds timeout) {
    make_ready(ticket, std::move(request), timeout);
    start(ticket);
}

void HttpCarrier::forget(std::uint64_t ticket) {
    if (const auto node = multi_->ready.extract(ticket); !node.empty()) {
        multi_->put_away(*node.mapped());
    }
}

void HttpCarrier::drive(const Done& done) {
    const bool looked = std::exchange(multi_->looked, false);
    if (std::exchange(multi_->fresh, false) && !looked) {
        multi_->sweep();
    }
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
        multi_->note_end(*transfer, opened == 0);
        multi_->put_away(*transfer);
        done(transfer->ticket, transfer->reply, transfer->first_byte);
    }
}

void HttpCarrier::wait(std::span<const pollfd> extra, std::chrono::milliseconds within) {
    std::vector<curl_waitfd> fds;
    fds.reserve(extra.size() + handles_kept);
    for (const auto& fd : extra) {
        const int wanted =
            ((fd.events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0) | ((fd.events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0);
        fds.push_back(curl_waitfd{fd.fd, static_cast<short>(wanted), 0});
    }
    // A server that hangs up while nothing is under way: its end is closed, and whoever keeps the way warm hears of it.
    multi_->sockets.each_idle([&fds](int fd) { fds.push_back(curl_waitfd{fd, CURL_WAIT_POLLIN, 0}); });
    curl_multi_poll(multi_->handle, fds.data(), static_cast<unsigned>(fds.size()), static_cast<int>(within.count()), nullptr);
    multi_->looked =
        std::all_of(fds.begin() + static_cast<std::ptrdiff_t>(extra.size()), fds.end(), [](const auto& one) { return one.revents == 0; });
    if (!multi_->looked) {
        multi_->sweep();
    }
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
    while (!multi_->ready.empty()) {
        forget(multi_->ready.begin()->first);
    }
}

std::vector<WayNews> HttpCarrier::take_news() {
    return std::exchange(multi_->news, {});
}

std::uint64_t HttpCarrier::connections() const {
    return multi_->connections;
}

}  // namespace surged

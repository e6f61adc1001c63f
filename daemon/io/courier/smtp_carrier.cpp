#include "io/courier/smtp_carrier.hpp"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/check.hpp"
#include "io/courier/curl_transport.hpp"

namespace surged {
namespace {

using Time = SmtpCarrier::Time;
using std::chrono::milliseconds;

constexpr std::size_t line_bytes_max = 512;  // kept of what the server says

/// One mail in flight. Its address is known to libcurl and to its thread, so it never moves.
struct Mail {
    CURL* easy = nullptr;
    curl_slist* recipients = nullptr;
    MailRequest request;
    std::size_t body_read = 0;
    std::size_t body_sent = 0;
    Time first_byte{};
    MailReply reply;
    bool quitting = false;  ///< the verdict has been spoken
    std::array<char, CURL_ERROR_SIZE> error{};
    std::thread thread;
    std::atomic<bool> cut_off{false};
    std::mutex lock;  ///< of `socket`: shutting it down must not meet a descriptor that was closed and reused
    int socket = -1;

    /// Ends it from another thread: the library's waits end with the connection, or at its next look at the progress.
    void cut() {
        cut_off = true;
        const std::lock_guard hold(lock);
        if (socket >= 0) {
            ::shutdown(socket, SHUT_RDWR);
        }
    }
    void release() {
        curl_easy_cleanup(easy);
        curl_slist_free_all(recipients);
    }
};

curl_socket_t on_open(void* user, curlsocktype, curl_sockaddr* address) {
    auto& mail = *static_cast<Mail*>(user);
    const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    const std::lock_guard hold(mail.lock);
    mail.socket = fd;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

int on_close(void* user, curl_socket_t fd) {
    auto& mail = *static_cast<Mail*>(user);
    const std::lock_guard hold(mail.lock);
    if (mail.socket == fd) {
        mail.socket = -1;
    }
    return ::close(fd);
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Mail*>(user)->cut_off ? 1 : 0;
}

std::size_t on_mail_read(char* out, std::size_t size, std::size_t count, void* user) {
    auto& mail = *static_cast<Mail*>(user);
    const std::size_t take = std::min(size * count, mail.request.body.size() - mail.body_read);
    std::memcpy(out, mail.request.body.data() + mail.body_read, take);
    mail.body_read += take;
    return take;
}

/// The stage that a command of ours begins. Lines of a login's exchange begin none.
void command_sent(Mail& mail, std::string_view line) {
    struct Verb {
        std::string_view text;
        MailStage stage;
    };
    static constexpr std::array<Verb, 7> verbs = {{{"EHLO", MailStage::hello},
                                                   {"HELO", MailStage::hello},
                                                   {"STARTTLS", MailStage::tls},
                                                   {"AUTH", MailStage::login},
                                                   {"MAIL FROM", MailStage::sender},
                                                   {"RCPT TO", MailStage::recipient},
                                                   {"DATA", MailStage::data}}};
    for (const auto& verb : verbs) {
        if (line.starts_with(verb.text)) {
            mail.reply.stage = verb.stage;
            mail.reply.code = 0;  // the final answer has not come yet
        }
    }
}

void line_received(Mail& mail, std::string_view line) {
    const auto digit = [&](std::size_t at) { return line[at] >= '0' && line[at] <= '9'; };
    if (line.size() < 3 || !digit(0) || !digit(1) || !digit(2)) {
        return;
    }
    mail.reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    mail.reply.words.assign(line.substr(0, line_bytes_max));
    const bool last = line.size() == 3 || line[3] != '-';
    if (mail.reply.stage == MailStage::recipient && last && mail.reply.code >= 400) {
        ++mail.reply.refused;
        mail.reply.refused_with = mail.reply.words;
    }
}

int on_mail_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* user) {
    auto& mail = *static_cast<Mail*>(user);
    if (type == CURLINFO_HEADER_OUT) {
        if (mail.first_byte == Time{}) {
            mail.first_byte = std::chrono::steady_clock::now();
        }
        mail.quitting = mail.quitting || std::string_view(data, size).starts_with("QUIT");
        command_sent(mail, {data, size});
    } else if (type == CURLINFO_HEADER_IN && !mail.quitting) {
        line_received(mail, {data, size});
    } else if (type == CURLINFO_DATA_OUT) {
        mail.body_sent += size;
        if (mail.reply.stage == MailStage::data) {
            mail.reply.stage = MailStage::body;
            mail.reply.code = 0;
        }
    }
    return 0;
}

/// What became of a mail that ended with `code`.
void judge_mail(Mail& mail, CURLcode code) {
    MailReply& reply = mail.reply;
    reply.recipients = static_cast<int>(mail.request.to.size());
    const bool refused = reply.code >= 400;
    if (code == CURLE_OK || refused) {
        reply.transport = Transport::answered;
        return;
    }
    if (code == CURLE_LOGIN_DENIED) {  // no login mechanism that both sides know
        reply.stage = MailStage::login;
        reply.transport = Transport::bad_request;
    } else {
        reply.transport = transport_of(code, mail.easy, mail.body_sent >= mail.request.body.size());
    }
    reply.error = mail.error[0] != '\0' ? mail.error.data() : curl_easy_strerror(code);
}

void set_up(Mail& mail, milliseconds timeout) {
    CURL* easy = mail.easy;
    const MailRequest& request = mail.request;
    for (const auto& to : request.to) {
        mail.recipients = curl_slist_append(mail.recipients, ("<" + to + ">").c_str());
    }
    const auto limit = static_cast<long>(std::max<std::int64_t>(timeout.count(), 1));
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");  // whatever the environment says
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_USE_SSL, static_cast<long>(request.tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    if (!request.ca_file.empty()) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
    }
    if (!request.user.empty()) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, request.user.c_str());
        curl_easy_setopt(easy, CURLOPT_PASSWORD, request.password.reveal().c_str());
    }
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limit);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, std::min(limit, connect_ms_max));
    // The library's own waits (for QUIT's answer, say) know the whole limit only in part; this holds for each of them.
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, std::max(limit / 1000, 1L));
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &mail);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, &mail);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &mail);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);  // closed by its own thread, which may wait for it
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, ("<" + request.from + ">").c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, mail.recipients);
    // One bad address of many must not keep the mail from the others; refused addresses are counted in line_received().
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_mail_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, &mail);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, mail.error.data());
    // Verbose only to follow the conversation; nothing is printed.
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_mail_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &mail);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}

}  // namespace

struct SmtpCarrier::Parts {
    std::function<void()> ended;
    std::map<std::uint64_t, std::unique_ptr<Mail>> mails;  // the owner's thread only
    std::mutex lock;
    std::vector<std::uint64_t> over;  // tickets whose threads are about to end
};

SmtpCarrier::SmtpCarrier(std::function<void()> ended) : parts_(std::make_unique<Parts>()) {
    SURGED_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);  // counted by the library, ended by the destructor
    parts_->ended = std::move(ended);
}

SmtpCarrier::~SmtpCarrier() {
    abandon();
    curl_global_cleanup();
}

void SmtpCarrier::start(std::uint64_t ticket, MailRequest request, milliseconds timeout) {
    auto mail = std::make_unique<Mail>();
    mail->request = std::move(request);
    mail->easy = curl_easy_init();
    SURGED_CHECK(mail->easy != nullptr);
    set_up(*mail, timeout);
    Mail& on_thread = *mail;
    mail->thread = std::thread([&on_thread, ticket, parts = parts_.get()] {
        judge_mail(on_thread, curl_easy_perform(on_thread.easy));
        {
            const std::lock_guard hold(parts->lock);
            parts->over.push_back(ticket);
        }
        parts->ended();
    });
    parts_->mails.emplace(ticket, std::move(mail));
}

void SmtpCarrier::drive(const Done& done) {
    if (parts_->mails.empty()) {
        return;
    }
    std::vector<std::uint64_t> over;
    {
        const std::lock_guard hold(parts_->lock);
        over.swap(parts_->over);
    }
    for (const auto ticket : over) {
        const auto node = parts_->mails.extract(ticket);
        Mail& mail = *node.mapped();
        mail.thread.join();
        mail.release();
        done(ticket, mail.reply, mail.first_byte);
    }
}

void SmtpCarrier::abandon() {
    for (auto& [ticket, mail] : parts_->mails) {
        mail->cut();
    }
    for (auto& [ticket, mail] : parts_->mails) {
        mail->thread.join();
        mail->release();
    }
    parts_->mails.clear();
    parts_->over.clear();
}

}  // namespace surged

#include "io/courier/smtp_carrier.hpp"

#include <curl/curl.h>
#include <sys/select.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include "core/base/check.hpp"
#include "io/courier/curl_transport.hpp"

namespace surged {
namespace {

using Time = SmtpCarrier::Time;
using std::chrono::milliseconds;

constexpr long connect_ms_max = 5000;
constexpr std::size_t line_bytes_max = 512;  // kept of what the server says
constexpr milliseconds idle_wait{60000};
constexpr milliseconds blind_wait{50};  // while the library has no descriptor to wait on

struct Mail {
    std::uint64_t ticket = 0;
    CURL* easy = nullptr;
    curl_slist* recipients = nullptr;
    MailRequest request;
    std::size_t body_read = 0;
    std::size_t body_sent = 0;
    Time first_byte{};
    MailReply reply;
    std::array<char, CURL_ERROR_SIZE> error{};
};

std::size_t on_read(char* out, std::size_t size, std::size_t count, void* user) {
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
            mail.reply.code = 0;  // the last word is not yet spoken
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

int on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* user) {
    auto& mail = *static_cast<Mail*>(user);
    if (type == CURLINFO_HEADER_OUT) {
        if (mail.first_byte == Time{}) {
            mail.first_byte = std::chrono::steady_clock::now();
        }
        command_sent(mail, {data, size});
    } else if (type == CURLINFO_HEADER_IN) {
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
void judge(Mail& mail, CURLcode code) {
    MailReply& reply = mail.reply;
    reply.recipients = static_cast<int>(mail.request.to.size());
    const bool refused = reply.code >= 400;
    if (code == CURLE_OK || refused) {
        reply.transport = Transport::answered;
        return;
    }
    if (code == CURLE_LOGIN_DENIED) {  // no way to log in that both sides know
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
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, ("<" + request.from + ">").c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, mail.recipients);
    // One bad address of many must not keep the mail from the others; who was refused is counted in line_received().
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, &mail);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, mail.error.data());
    // Verbose only to follow the conversation; nothing is printed.
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &mail);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}

}  // namespace

struct SmtpCarrier::Multi {
    CURLM* handle = nullptr;
    std::map<CURL*, std::unique_ptr<Mail>> mails;

    std::unique_ptr<Mail> take(CURL* easy) {
        auto node = mails.extract(easy);
        curl_multi_remove_handle(handle, easy);
        return std::move(node.mapped());
    }
    static void end(Mail& mail) {
        curl_easy_cleanup(mail.easy);
        curl_slist_free_all(mail.recipients);
    }
};

SmtpCarrier::SmtpCarrier() : multi_(std::make_unique<Multi>()) {
    SURGED_CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);  // counted by the library, ended by the destructor
    multi_->handle = curl_multi_init();
    SURGED_CHECK(multi_->handle != nullptr);
}

SmtpCarrier::~SmtpCarrier() {
    abandon();
    curl_multi_cleanup(multi_->handle);
    curl_global_cleanup();
}

void SmtpCarrier::start(std::uint64_t ticket, MailRequest request, milliseconds timeout) {
    auto mail = std::make_unique<Mail>();
    mail->ticket = ticket;
    mail->request = std::move(request);
    mail->easy = curl_easy_init();
    SURGED_CHECK(mail->easy != nullptr);
    set_up(*mail, timeout);
    curl_multi_add_handle(multi_->handle, mail->easy);
    CURL* easy = mail->easy;
    multi_->mails.emplace(easy, std::move(mail));
}

void SmtpCarrier::drive(const Done& done) {
    if (multi_->mails.empty()) {
        return;
    }
    int running = 0;
    curl_multi_perform(multi_->handle, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_->handle, &left)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        const CURLcode code = message->data.result;
        const auto mail = multi_->take(message->easy_handle);
        judge(*mail, code);
        Multi::end(*mail);
        done(mail->ticket, mail->reply, mail->first_byte);
    }
}

milliseconds SmtpCarrier::prepare_wait(std::vector<pollfd>& out) const {
    if (multi_->mails.empty()) {
        return idle_wait;
    }
    long ms = -1;
    curl_multi_timeout(multi_->handle, &ms);
    const auto within = ms < 0 ? idle_wait : std::min(milliseconds{ms}, idle_wait);
    fd_set readable;
    fd_set writable;
    fd_set failed;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_ZERO(&failed);
    int top = -1;
    curl_multi_fdset(multi_->handle, &readable, &writable, &failed, &top);
    std::size_t added = 0;
    for (int fd = 0; fd <= top; ++fd) {
        const int wanted = (FD_ISSET(fd, &readable) ? POLLIN : 0) | (FD_ISSET(fd, &writable) ? POLLOUT : 0);
        if (wanted != 0) {
            out.push_back(pollfd{fd, static_cast<short>(wanted), 0});
            ++added;
        }
    }
    // Fewer descriptors than mails: a name is being looked up, or a descriptor is beyond what a set can hold.
    return added < multi_->mails.size() ? std::min(within, blind_wait) : within;
}

void SmtpCarrier::abandon() {
    while (!multi_->mails.empty()) {
        const auto mail = multi_->take(multi_->mails.begin()->first);
        Multi::end(*mail);
    }
}

}  // namespace surged

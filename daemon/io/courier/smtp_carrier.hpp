// Carries mails by libcurl, each on a thread of its own: the library waits for some of the server's answers (to the text's end,
// to QUIT) without giving control back, and a server that hangs there must hold up nobody else. One connection a mail, since
// pages are few and a kept connection that died would cost one. It knows how far an SMTP conversation got and what the server
// said; it refuses to know what a page is. Hardest rule: once the text was handed over and the server fell silent, nobody knows:
// `broken_sent` or `timeout_sent`, never a second mail by itself. Private to this room; all members from one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "channels/request.hpp"

namespace surged {

class SmtpCarrier {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// `first_byte`: when our first command left; Time{} = never.
    using Done = std::function<void(std::uint64_t ticket, const MailReply& reply, Time first_byte)>;

    /// `ended`: called on any thread when drive() has something to report.
    explicit SmtpCarrier(std::function<void()> ended);
    ~SmtpCarrier();
    SmtpCarrier(const SmtpCarrier&) = delete;
    SmtpCarrier& operator=(const SmtpCarrier&) = delete;

    /// The caller bounds how many are under way.
    void start(std::uint64_t ticket, MailRequest request, std::chrono::milliseconds timeout);
    /// Reports those that ended.
    void drive(const Done& done);
    /// Cuts all connections and waits for their threads (about a second at most); no reports.
    void abandon();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace surged

// Carries mails by libcurl: one connection a mail, since pages are few and a kept connection that died would cost one. It knows
// how far an SMTP conversation got and what the server said; it refuses to know what a page is. Hardest rule: once the text was
// handed over and the server fell silent, nobody knows: `broken_sent` or `timeout_sent`, never a second mail by itself. Private
// to this room; one thread.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "io/courier/channel.hpp"
#include "io/courier/outcome.hpp"

namespace surged {

class SmtpCarrier {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// `first_byte`: when our first command left; Time{} = never.
    using Done = std::function<void(std::uint64_t ticket, const MailReply& reply, Time first_byte)>;

    SmtpCarrier();
    ~SmtpCarrier();
    SmtpCarrier(const SmtpCarrier&) = delete;
    SmtpCarrier& operator=(const SmtpCarrier&) = delete;

    void start(std::uint64_t ticket, MailRequest request, std::chrono::milliseconds timeout);
    /// Moves every mail on and reports those that ended.
    void drive(const Done& done);
    /// Adds the descriptors to wait for; returns the longest time that may pass until the next drive().
    std::chrono::milliseconds prepare_wait(std::vector<pollfd>& out) const;
    /// Ends all mails without reports.
    void abandon();

private:
    struct Multi;
    std::unique_ptr<Multi> multi_;
};

}  // namespace surged

// What Cloud MAS gives on request: receipts (/sms/report) and messages to us (/sms/deliver), each a JSON array. The question is
// the base64 of the account's three fields.
//
// A receipt has two codes, `reportStatus` and `errorCode`; which of them says "delivered" differs between installations, and the
// platform's own "taken over" and "handed to the network" come the same way. Hence: DELIVRD in either is delivery unless the
// other names an error; codes of transit are no news; any other code is an error.
#include <algorithm>
#include <array>

#include "channels/cmas_pull.hpp"
#include "channels/signature.hpp"
#include "core/base/encoding.hpp"
#include "core/base/ranges.hpp"
#include "wire/json_text.hpp"

namespace surged {
namespace {

constexpr std::size_t cmas_word_bytes_max = 64;
constexpr std::array<std::string_view, 3> submit_paths{cmas_free_path, cmas_template_path, "/sms/submit"};
/// Of the platform (CM) and of the short message centre: in transit.
constexpr std::array<std::string_view, 9> passing_words{"",        "0",       "success", "CM:0000", "CM:3000",
                                                        "ACCEPTD", "ENROUTE", "null",    "000"};

bool one_of(std::span<const std::string_view> words, std::string_view word) {
    return contains(words, word);
}

/// The member as text; a number as its digits. Bounded, without control characters.
std::string word(const JsonValue& entry, std::string_view name, std::size_t most = cmas_word_bytes_max) {
    const auto* member = entry.find(name);
    if (member == nullptr) {
        return {};
    }
    if (const auto whole = member->integer()) {
        return std::to_string(*whole);
    }
    std::string out = member->text() != nullptr ? member->text()->substr(0, most) : std::string();
    std::erase_if(out, [](char c) { return c >= 0 && c < ' '; });
    return out;
}

/// One number or several.
std::vector<std::string> numbers(const JsonValue& entry) {
    std::vector<std::string> out;
    for (const auto* name : {"mobile", "mobiles"}) {
        const auto* member = entry.find(name);
        if (member != nullptr && member->array() != nullptr) {
            for (const auto& one : *member->array()) {
                if (one.text() != nullptr && out.size() < pull_entries_max) {
                    out.push_back(one.text()->substr(0, cmas_word_bytes_max));
                }
            }
        } else if (const auto one = word(entry, name); !one.empty()) {
            out.push_back(one);
        }
    }
    return out;
}

/// False: it says nothing that can be used.
bool read_receipt(const JsonValue& entry, std::vector<DeliveryReceipt>& out) {
    const auto status = word(entry, "reportStatus");
    const auto error = word(entry, "errorCode");
    const auto message = word(entry, "msgGroup");
    const auto whose = numbers(entry);
    if (!entry.is_object() || message.empty() || whose.empty()) {
        return false;
    }
    const auto bad = [](const std::string& w) { return w != "DELIVRD" && !one_of(passing_words, w); };
    const bool failed = bad(error) || bad(status);
    if (!failed && status != "DELIVRD" && error != "DELIVRD") {
        return true;  // on its way
    }
    for (const auto& number : whose) {
        out.push_back({{}, message, number, !failed, bad(error) ? error : bad(status) ? status : "DELIVRD"});
    }
    return true;
}

bool read_text(const JsonValue& entry, std::vector<IncomingText>& out) {
    const auto whose = numbers(entry);
    if (!entry.is_object() || whose.size() != 1) {
        return false;
    }
    IncomingText text;
    text.number = whose.front();
    const auto* said = entry.find("smsContent");
    const std::string whole = said != nullptr && said->text() != nullptr ? *said->text() : std::string();
    text.text = whole.substr(0, incoming_bytes_max);
    const auto sent = word(entry, "sendTime");
    text.identity = md5_hex(text.number + "\n" + sent + "\n" + word(entry, "addSerial") + "\n" + whole);
    out.push_back(std::move(text));
    return true;
}

/// The address of `path` at the gateway that takes our messages.
std::string beside(const std::string& url, std::string_view path) {
    for (const auto submit : submit_paths) {
        if (url.ends_with(submit)) {
            return url.substr(0, url.size() - submit.size()) + std::string(path);
        }
    }
    return url.substr(0, url.find_first_of("/?#", url.find("://") + 3)) + std::string(path);
}

}  // namespace

std::optional<HttpRequest> write_cmas_pull(PullKind kind, const ChannelSetup& channel) {
    const bool receipts = kind == PullKind::receipts;
    const auto& spec = channel.spec;
    if (receipts ? spec.receipt_within <= Span{0} : !spec.replies) {
        return std::nullopt;
    }
    auto out = json_request(channel);
    const auto own = setting(spec, receipts ? "report_url" : "reply_url");
    out.url = Secret(own.empty() ? beside(channel.url.reveal(), receipts ? "/sms/report" : "/sms/deliver") : own);
    out.reply_max = pull_bytes_max;
    std::string text;
    JsonWriter(text)
        .begin_object()
        .field("ecName", setting(spec, "ec_name"))
        .field("apId", setting(spec, "ap_id"))
        .field("secretKey", channel.key.reveal())
        .end_object();
    out.body = base64(text);
    return out;
}

Pulled read_cmas_pull(PullKind kind, const HttpReply& reply) {
    Pulled out;
    if (reply.transport != Transport::answered) {
        out.problem = verdict_of(reply.transport, reply.error).detail;
        return out;
    }
    if (reply.status < 200 || reply.status > 299) {
        out.problem = "HTTP " + std::to_string(reply.status);
        return out;
    }
    if (!reply.body_whole) {
        out.problem = "the answer is torn or longer than " + std::to_string(pull_bytes_max) + " bytes; what was in it is lost";
        return out;
    }
    if (reply.body.find_first_not_of(" \t\r\n") == std::string::npos) {
        return out;
    }
    const auto json = parse_json(reply.body, {pull_bytes_max, 8, pull_entries_max * 20});
    if (!json) {
        out.problem = "this is not the provider's answer: " + json.error().message;
        return out;
    }
    if (json->is_null()) {
        return out;
    }
    if (json->array() == nullptr) {
        const auto code = word(*json, "rspcod");
        out.problem = code.empty() ? "the answer is no list" : "refused: " + code;
        return out;
    }
    for (const auto& entry : *json->array()) {
        const bool room = out.receipts.size() + out.texts.size() < pull_entries_max;
        const bool read = room && (kind == PullKind::receipts ? read_receipt(entry, out.receipts) : read_text(entry, out.texts));
        out.ignored += read ? 0U : 1U;
    }
    return out;
}

}  // namespace surged

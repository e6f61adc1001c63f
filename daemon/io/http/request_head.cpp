#include "io/http/request_head.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <charconv>
#include <optional>

#include "core/base/text.hpp"
#include "core/base/ranges.hpp"

namespace surged {

namespace {

HttpResponse bad_head(std::string_view why) {
    return error_response("bad_request", why);
}

/// Fields that say one thing; two of them would let two readers believe different ones.
bool single(std::string_view name) {
    constexpr std::array<std::string_view, 8> names = {"host",         "content-length", "transfer-encoding", "authorization",
                                                       "content-type", "origin",         "idempotency-key",   "expect"};
    return contains(names, name);
}

/// Digits only: "+20", "0x14" and "20, 20" are no lengths.
std::optional<long long> length_of(std::string_view text) {
    long long value = 0;
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc{} ? std::optional<long long>(value) : std::nullopt;
}

/// Splits the target; false = no target of a kind that is served.
bool take_target(std::string_view target, RequestHead& head) {
    const std::string start = lower_case(target.substr(0, 8));
    for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
        if (!start.starts_with(scheme)) {
            continue;
        }
        target.remove_prefix(scheme.size());
        const std::size_t end = std::min(target.find_first_of("/?"), target.size());
        const std::string_view authority = target.substr(0, end);
        if (authority.empty() || authority.find('@') != std::string_view::npos) {
            return false;
        }
        head.headers["host"] = std::string(authority);
        target.remove_prefix(end);
        break;
    }
    const std::size_t mark = std::min(target.find('?'), target.size());
    head.path = target.substr(0, mark);
    head.path = head.path.empty() ? "/" : head.path;
    head.query = mark < target.size() ? target.substr(mark + 1) : std::string_view();
    return true;
}

std::optional<HttpResponse> take_field(std::string_view name, std::string_view value, RequestHead& head) {
    std::string key = lower_case(name);
    if (single(key) && head.headers.count(key) != 0) {
        return bad_head("the field " + key + " may stand in a request once");
    }
    if (key == "content-length") {
        const std::optional<long long> length = length_of(value);
        if (!length) {
            return bad_head("Content-Length must be one number");
        }
        head.content_length = *length;
    }
    head.chunked = head.chunked || key == "transfer-encoding";
    head.add(std::move(key), value);
    return std::nullopt;
}

}  // namespace

HttpResponse plain_error(int status, std::string_view code, std::string_view message) {
    HttpResponse response = error_response(code, message);
    response.status = status;
    return response;
}

std::variant<RequestHead, HttpResponse> parse_request_head(std::string_view text) {
    namespace http = boost::beast::http;
    http::request_parser<http::empty_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(text.size() + 64));  // the listener has bounded it already
    parser.skip(true);                                                 // the body is the listener's
    boost::system::error_code error;
    parser.put(boost::asio::const_buffer(text.data(), text.size()), error);
    if (error || !parser.is_header_done()) {
        return bad_head("the head is no HTTP: " + (error ? error.message() : std::string("it ends early")));
    }
    const auto& request = parser.get();
    if (request.version() != 10 && request.version() != 11) {
        return bad_head("only HTTP/1.0 and HTTP/1.1 are served");
    }
    RequestHead head;
    head.method = std::string(request.method_string());
    std::size_t fields = 0;
    for (const auto& field : request) {
        if (++fields > head_fields_max) {
            return plain_error(431, "too_large", "a request has at most " + std::to_string(head_fields_max) + " fields");
        }
        const auto name = field.name_string();
        const auto value = field.value();
        if (auto refusal = take_field({name.data(), name.size()}, {value.data(), value.size()}, head); refusal) {
            return *std::move(refusal);
        }
    }
    if (head.chunked && head.content_length >= 0) {
        return bad_head("a request has Content-Length or Transfer-Encoding, not both");
    }
    if (request.version() == 11 && head.headers.count("host") == 0) {
        return bad_head("a request of HTTP/1.1 has a Host");
    }
    const auto target = request.target();
    if (!take_target({target.data(), target.size()}, head)) {
        return bad_head("the target names no host of ours");
    }
    return head;
}

}  // namespace surged

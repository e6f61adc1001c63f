#include "io/http/response_head.hpp"

#include <string_view>

namespace surged {

namespace {

std::string_view reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 202: return "Accepted";
        case 303: return "See Other";
        case 307: return "Temporary Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 503: return "Service Unavailable";
        default: return "Error";
    }
}

}  // namespace

std::string response_head(const HttpResponse& response, std::optional<std::size_t> length) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason_phrase(response.status)) + "\r\n";
    head += "Content-Type: " + response.content_type + "\r\n";
    if (length) {
        head += "Content-Length: " + std::to_string(*length) + "\r\n";
    }
    head +=
        "Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
        "Referrer-Policy: same-origin\r\n";  // with no-referrer browsers send "Origin: null" with our own forms
    if (!length) {
        head += "X-Accel-Buffering: no\r\n";  // nginx passes events on as they come
    }
    bool policy = false;
    for (const auto& header : response.headers) {
        head += header.first + ": " + header.second + "\r\n";
        policy = policy || header.first == "Content-Security-Policy";
    }
    if (!policy) {
        head += "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
    }
    return head + "\r\n";
}

}  // namespace surged

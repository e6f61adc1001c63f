#include "io/http/plain_page.hpp"

#include <string_view>

#include "io/http/nonce.hpp"

namespace surged {

namespace {

constexpr std::string_view plain_style =
    "body{font:18px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1b1f24}main{max-width:34rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.3rem}button{display:block;width:100%;min-height:3.2rem;font:inherit;font-weight:600;border:0;border-radius:.6rem;"
    "background:#0b57d0;color:#fff}button:focus-visible{outline:3px solid #e08700;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{background:#15181c;color:#e6e9ed}}";

}  // namespace

HttpResponse plain_page(int status, const std::string& content) {
    const auto nonce = page_nonce();
    if (!nonce) {
        return error_response("internal", "no random numbers");
    }
    HttpResponse page;
    page.status = status;
    page.content_type = "text/html; charset=utf-8";
    page.body = "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,"
                "initial-scale=1\"><title>surged</title><style nonce=\"" +
                *nonce + "\">" + std::string(plain_style) + "</style></head><body><main><h1>surged</h1>" + content + "</main></body></html>\n";
    page.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'nonce-" + *nonce +
                                                             "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    return page;
}

}  // namespace surged

#include "io/http/login_page.hpp"

#include "io/http/nonce.hpp"
#include "io/http/query.hpp"
#include "wire/html_text.hpp"

namespace surged {

namespace {

constexpr std::string_view login_style =
    "body{font:18px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1b1f24}main{max-width:34rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.3rem}button{display:block;width:100%;min-height:3.2rem;font:inherit;font-weight:600;border:0;border-radius:.6rem;"
    "background:#0b57d0;color:#fff}button:focus-visible{outline:3px solid #e08700;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{background:#15181c;color:#e6e9ed}}";

HttpResponse page_of(int status, const std::string& content) {
    const auto nonce = page_nonce();
    if (!nonce) {
        return error_response("internal", "no random numbers");
    }
    HttpResponse page;
    page.status = status;
    page.content_type = "text/html; charset=utf-8";
    page.body = "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,"
                "initial-scale=1\"><title>surged</title><style nonce=\"" +
                *nonce + "\">" + std::string(login_style) + "</style></head><body><main><h1>surged</h1>" + content + "</main></body></html>\n";
    page.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'nonce-" + *nonce +
                                                             "'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    return page;
}

constexpr std::string_view how_to =
    "<p>请在终端运行 <code>surgectl login</code>，再打开它给出的链接。</p><p lang=\"en\">Run <code>surgectl login</code> and open the link it prints.</p>";

}  // namespace

HttpResponse login_page(std::string_view query) {
    const auto code = query_value(query, "code");
    if (!code || code->empty()) {
        return page_of(200, std::string(how_to));
    }
    return page_of(200,
                   "<p>在这个浏览器登录？<br><span lang=\"en\">Log in on this browser?</span></p><form method=\"post\" action=\"login\"><input "
                   "type=\"hidden\" name=\"code\" value=\"" +
                       escape_html(*code) + "\"><button>登录 · <span lang=\"en\">Log in</span></button></form>");
}

HttpResponse login_refused_page() {
    return page_of(401,
                   "<p role=\"alert\">这个链接已经用过，或者超过了两分钟。<br><span lang=\"en\">This link has been used, or is older than two minutes.</span></p>" +
                       std::string(how_to));
}

}  // namespace surged

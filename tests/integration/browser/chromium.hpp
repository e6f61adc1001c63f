// A real Chromium, driven by WebDriver.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kept.hpp"
#include "support/http_client.hpp"
#include "support/temp_dir.hpp"

namespace surged::test {

/// Whether this machine has what the tests drive; says so when not.
bool browser_installed();

class Chromium {
public:
    Chromium();
    ~Chromium();
    Chromium(const Chromium&) = delete;
    Chromium& operator=(const Chromium&) = delete;

    void open(const std::string& url);
    /// Presses the first of these.
    void press(const std::string& selector);
    /// Presses the button of a form; the page that follows has loaded when it returns.
    void send(const std::string& selector);
    /// Types into the first of these, over what is there.
    void fill(const std::string& selector, const std::string& text);
    /// Draws with the pressed mouse over the first of these, from one share of its width to another.
    void drag(const std::string& selector, double from, double to);
    /// What the script returns, as JSON: `return 1` is "1".
    std::string run(const std::string& script);
    std::string text() { return run("return document.body.innerText"); }
    bool has(const std::string& selector);
    /// Waits until the page shows these words.
    bool says(const std::string& words);
    /// What the console has said since the last question, as JSON; "[]" = nothing.
    std::string console();
    /// Goes on in the tab that was opened last; back to the first, and the others closed.
    void to_newest_tab();
    void to_first_tab();
    /// The window as a PNG file, when SURGED_SCREENSHOTS names a folder.
    void keep_picture(const std::string& name);
    /// A screen of this size.
    void window(int width, int height);
    /// A telephone of 390 x 844, or a desk again.
    void as_telephone(bool telephone);
    void in_the_dark(bool dark);

private:
    std::string ask(const std::string& method, const std::string& path, const std::string& json, int* status = nullptr);
    std::string element(const std::string& selector);
    std::vector<std::string> tabs();

    TempDir dir_;
    int port_;
    std::unique_ptr<Kept> driver_;
    std::string session_;
};

/// One for the whole program: a start takes seconds.
Chromium& chromium();

}  // namespace surged::test

// enlarge-png: enlarges a PNG file with libenlarger and its C++ header. The whole picture is held in memory.
//
//     enlarge-png [KEY=VALUE ...] INPUT OUTPUT
//
// The result keeps the source's bit depth, gray, transparency and ICC profile. It is written to OUTPUT.part, which is
// renamed to OUTPUT when it is complete; an existing OUTPUT is replaced. Exit status: 0 done, 1 failed, 2 wrong usage.
//
//     c++ -std=c++17 enlarge-png.cpp -o enlarge-png $(pkg-config --cflags --libs enlarger libpng)
//
// If the library is not in a standard folder, add -Wl,-rpath,$(pkg-config --variable=libdir enlarger).

#include <enlarger.hpp>

#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <png.h>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

/// A picture in memory. 16-bit samples are in native byte order.
struct Picture {
    uint32_t width = 0, height = 0;
    int depth = 8, colour = PNG_COLOR_TYPE_RGB;
    std::vector<png_byte> pixels;
    /// The ICC profile; empty if the picture is sRGB.
    std::vector<png_byte> profile;

    size_t row() const { return size_t(width) * channels() * size_t(depth / 8); }

    int32_t format() const {
        const int32_t layouts[] = {ENL_CHANNELS_GRAY, ENL_CHANNELS_GRAY_ALPHA, ENL_CHANNELS_RGB, ENL_CHANNELS_RGBA};
        return layouts[channels() - 1] + (depth == 16 ? ENL_SAMPLE_U16 : ENL_SAMPLE_U8);
    }

    /// Pointers to the rows, for libpng.
    std::vector<png_bytep> rows() {
        std::vector<png_bytep> rows;
        for (uint32_t y = 0; y < height; y++) rows.push_back(pixels.data() + y * row());
        return rows;
    }

private:
    size_t channels() const {
        return (colour & PNG_COLOR_MASK_COLOR ? 3u : 1u) + (colour & PNG_COLOR_MASK_ALPHA ? 1u : 0u);
    }
};

/// A PNG file that is read or written.
class File {
public:
    File(const std::filesystem::path &path, const char *mode) : name_(path.string()), writes_(*mode == 'w') {
        stream_.reset(std::fopen(name_.c_str(), mode));
        if (!stream_) throw std::system_error(errno, std::generic_category(), name_);
        png_ = writes_ ? png_create_write_struct(PNG_LIBPNG_VER_STRING, this, failed, warned)
                       : png_create_read_struct(PNG_LIBPNG_VER_STRING, this, failed, warned);
        info_ = png_ ? png_create_info_struct(png_) : nullptr;
        if (!info_) {
            release();
            throw std::runtime_error("libpng could not be started");
        }
        png_init_io(png_, stream_.get());
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;
    ~File() { release(); }

    Picture read() {
        Picture picture;
        guarded([&] {
            png_read_info(png_, info_);
            // Palettes, samples of fewer than 8 bits and transparent colours become full samples and alpha.
            png_set_expand(png_);
            use_native_order();
            png_set_interlace_handling(png_);
            png_read_update_info(png_, info_);
        });
        picture.width = png_get_image_width(png_, info_);
        picture.height = png_get_image_height(png_, info_);
        picture.depth = png_get_bit_depth(png_, info_);
        picture.colour = png_get_color_type(png_, info_);
        png_charp name;
        png_bytep profile;
        png_uint_32 size;
        int compression;
        if (png_get_iCCP(png_, info_, &name, &compression, &profile, &size))
            picture.profile.assign(profile, profile + size);
        picture.pixels.resize(picture.row() * picture.height);
        std::vector<png_bytep> rows = picture.rows();
        guarded([&] { png_read_image(png_, rows.data()); });
        return picture;
    }

    void write(Picture &picture) {
        std::vector<png_bytep> rows = picture.rows();
        guarded([&] {
            // When reading, libpng only warns of some faulty profiles. Writing such a profile must not fail either.
            png_set_benign_errors(png_, 1);
            png_set_IHDR(png_, info_, picture.width, picture.height, picture.depth, picture.colour, PNG_INTERLACE_NONE,
                         PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
            if (picture.profile.empty())
                png_set_sRGB(png_, info_, PNG_sRGB_INTENT_PERCEPTUAL);
            else
                png_set_iCCP(png_, info_, "ICC profile", PNG_COMPRESSION_TYPE_BASE, picture.profile.data(),
                             static_cast<png_uint_32>(picture.profile.size()));
            png_write_info(png_, info_);
            use_native_order();
            png_write_image(png_, rows.data());
            png_write_end(png_, nullptr);
        });
        if (std::fclose(stream_.release()) != 0) throw std::system_error(errno, std::generic_category(), name_);
    }

private:
    struct Close {
        void operator()(std::FILE *stream) const { std::fclose(stream); }
    };

    std::string name_, problem_;
    bool writes_;
    std::unique_ptr<std::FILE, Close> stream_;
    png_structp png_ = nullptr;
    png_infop info_ = nullptr;

    /// Runs calls of libpng, which reports failures with a longjmp to here. `calls` must not create objects with
    /// destructors, because the jump skips those.
    template <typename Calls> void guarded(Calls calls) {
        if (setjmp(png_jmpbuf(png_))) throw std::runtime_error(name_ + ": " + problem_);
        calls();
    }

    [[noreturn]] static void failed(png_structp png, png_const_charp message) {
        static_cast<File *>(png_get_error_ptr(png))->problem_ = message;
        png_longjmp(png, 1);
    }

    static void warned(png_structp png, png_const_charp message) {
        std::cerr << static_cast<File *>(png_get_error_ptr(png))->name_ << ": " << message << "\n";
    }

    /// PNG stores 16-bit samples with the high byte first.
    void use_native_order() {
        const uint16_t one = 1;
        if (*reinterpret_cast<const unsigned char *>(&one) == 1) png_set_swap(png_);
    }

    void release() {
        if (writes_)
            png_destroy_write_struct(&png_, &info_);
        else
            png_destroy_read_struct(&png_, &info_, nullptr);
    }
};

/// Writes to a temporary file, and renames it to `path` when it is complete.
void save(Picture &picture, const std::filesystem::path &path) {
    std::filesystem::path part = path;
    part += ".part";
    // "x" makes fopen fail if the file exists.
    auto file = std::make_unique<File>(part, "wbx");
    try {
        file->write(picture);
        std::filesystem::rename(part, path);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove(part, ignored);
        throw;
    }
}

/// Says what is wrong with the picture, and what to do about it.
void advise(const Picture &source, const enlarger::Upscaler &upscaler) {
    const auto row = [&](uint32_t x, uint32_t y, void *pixels, size_t size) {
        std::memcpy(pixels, source.pixels.data() + y * source.row() + x * (source.row() / source.width), size);
        return true;
    };
    const enlarger::Advice advice = upscaler.advise({source.width, source.height, source.format(), row});
    for (size_t i = 0; i < advice.count(); i++)
        std::cerr << "advice: " << advice.text(i, "sentence") << " " << advice.text(i, "action") << "\n";
}

Picture enlarge(const Picture &source, const enlarger::Registry &registry, enlarger::Options &options) {
    if (!source.profile.empty()) options.set_bytes("icc_profile", source.profile.data(), source.profile.size());
    enlarger::Upscaler upscaler(registry, options);
    const enlarger::Plan plan = upscaler.plan(source.width, source.height);
    advise(source, upscaler);

    Picture target = source;
    target.width = plan.width;
    target.height = plan.height;
    target.pixels.resize(target.row() * target.height);

    enlarger::Run run;
    run.progress = [](const enlarger::Progress *progress) {
        std::cerr << "\r" << progress->tiles_done << " of " << progress->tiles_total << " tiles";
        return true;
    };
    upscaler.run(enlarger::view(source.pixels, source.width, source.height, source.format()),
                 enlarger::view(target.pixels, target.width, target.height, target.format()), run);
    std::cerr << "\n";
    return target;
}

}  // namespace

int main(int argc, char **argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() < 2) {
        std::cerr << "usage: enlarge-png [KEY=VALUE ...] INPUT OUTPUT, for example: enlarge-png factor=2 in.png out.png\n";
        return 2;
    }
    try {
        enlarger::Registry registry;
        enlarger::Options options(registry);
        for (size_t i = 0; i + 2 < arguments.size(); i++) {
            const size_t equals = arguments[i].find('=');
            if (equals == std::string::npos) throw std::runtime_error(arguments[i] + " is not of the form KEY=VALUE");
            options.set(arguments[i].substr(0, equals).c_str(), arguments[i].substr(equals + 1));
        }
        const Picture source = File(arguments[arguments.size() - 2], "rb").read();
        Picture target = enlarge(source, registry, options);
        save(target, arguments.back());
        return 0;
    } catch (const std::exception &error) {
        std::cerr << "enlarge-png: " << error.what() << "\n";
        return 1;
    }
}

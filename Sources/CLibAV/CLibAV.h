// libavcodec, libavformat and libswscale for the module Codec. Macros do not reach Swift: each gets a `static const` twin
// here, named cav_*.
#pragma once
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
#include <libavutil/motion_vector.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

static const int cav_eagain = AVERROR(EAGAIN);
static const int cav_eof = AVERROR_EOF;
static const int cav_invalid_data = AVERROR_INVALIDDATA;
static const int64_t cav_no_pts = AV_NOPTS_VALUE;
static const uint64_t cav_pix_fmt_flag_be = AV_PIX_FMT_FLAG_BE;
static const uint64_t cav_pix_fmt_flag_rgb = AV_PIX_FMT_FLAG_RGB;
static const uint64_t cav_pix_fmt_flag_float = AV_PIX_FMT_FLAG_FLOAT;
static const uint64_t cav_pix_fmt_flag_not_planes =
    AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER;

/// The matrix that ffmpeg's scale filter takes for a colour space: BT.601 where none is named.
static inline int cav_sws_matrix(enum AVColorSpace space) {
    return space == AVCOL_SPC_UNSPECIFIED ? SWS_CS_ITU601 : (int)space;
}

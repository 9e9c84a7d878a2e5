public import Tensors

/// Video-LaVIT's motion tokenizer (Jin et al. 2024, arXiv 2402.03161, section 3.1): 24 motion fields to 135 codes and back.
public struct MotionTokenizer: Sendable {
    public let encoder: Encoder
    /// Nil where it was not asked for.
    public let decoder: Decoder?
    public let codebook: Codebook

    /// Reads `encoder.*`, `encode_task_layer.*`, `quantize.embedding.weight` and, where wanted, the decoder's parts.
    public init(
        _ source: any ParameterSource, _ configuration: VideoLaVITConfiguration.Motion, withDecoder: Bool,
        precision: Precision
    ) {
        encoder = Encoder(source, configuration, precision: precision)
        codebook = Codebook(
            source, "quantize.embedding.weight", codes: configuration.codes, size: configuration.codeSize)
        decoder = withDecoder ? Decoder(source, configuration, precision: precision) : nil
        if !withDecoder { Self.skipDecoder(source, configuration) }
    }

    private static func skipDecoder(
        _ source: any ParameterSource, _ configuration: VideoLaVITConfiguration.Motion
    ) {
        let recorder = ParameterRecorder()
        _ = Decoder(recorder, configuration, precision: .float32)
        for parameter in recorder.parameters { source.skip(parameter.key, shape: parameter.shape) }
    }

    /// The codes of a clip in the order frame, row, column.
    ///
    /// - Parameter motion: 2 × frames × rows × columns, horizontal first, in the tokenizer's units.
    public func encode(_ motion: [Float], _ engine: Engine) -> [Codebook.Match] {
        engine.workspace.scope {
            let tokens = engine.workspace.matrix(rows: encoder.output.count, columns: encoder.width)
            encoder.encode(motion, into: tokens, engine)
            return codebook.nearest(encoder.codeVectors(of: tokens, engine), engine)
        }
    }

    /// Motion from codes; the shape and the units of `encode`'s input. Nil without a decoder.
    public func decode(_ codes: [Int], _ engine: Engine) -> [Float]? {
        decoder.map { decoder in
            engine.workspace.scope {
                let rows = engine.workspace.matrix(rows: codes.count, columns: codebook.size)
                codebook.rows(of: codes, into: rows)
                return decoder.decode(rows, engine)
            }
        }
    }

    /// The four stages: how each shrinks frames, rows and columns.
    private static let stages:
        [(
            before: Convolution3D.Extent, after: Convolution3D.Extent, step: Convolution3D.Extent
        )] = [
            (.init(1, 0, 0), .init(1, 1, 1), .init(1, 2, 2)),
            (.init(0, 1, 1), .init(1, 1, 1), .init(2, 1, 1)),
            (.init(0, 1, 1), .init(1, 1, 1), .init(2, 1, 1)),
            (.init(0, 0, 0), .init(1, 1, 1), .init(2, 2, 2)),
        ]
    private static let blocksPerStage = 3

    /// One token a motion cell; three blocks, then a convolution that halves, four times.
    public struct Encoder: Sendable {
        public let width: Int
        public let input: Convolution3D.Extent
        public var output: Convolution3D.Extent { convolutions.last?.output ?? input }
        private let positions: Table
        private let times: Table
        private let inputProjection: Linear
        private let blocks: [SpatioTemporalBlock]
        private let convolutions: [Convolution3D]
        private let norm: LayerNorm
        private let codeHead: (hidden: Linear, code: Linear)

        init(
            _ whole: any ParameterSource, _ configuration: VideoLaVITConfiguration.Motion, precision: Precision
        ) {
            let source = whole.below("encoder.")
            let width = configuration.width
            let input = Convolution3D.Extent(configuration.frames, configuration.rows, configuration.columns)
            self.width = width
            self.input = input
            positions = Table(source, "pos_embed", shape: [1, input.rows * input.columns, width])
            times = Table(source, "temp_pos", shape: [1, input.frames, width])
            inputProjection = Linear(source, "in_proj", 2, width, precision: .float32)
            blocks = (0..<blocksPerStage * stages.count).map {
                SpatioTemporalBlock(
                    source.below("blocks.\($0)."), width: width, heads: configuration.heads, precision: precision)
            }
            var extent = input
            convolutions = stages.enumerated().map { index, stage in
                let convolution = Convolution3D(
                    source, "down_sample_layers.\(index).conv", channels: width, input: extent,
                    paddingBefore: stage.before, paddingAfter: stage.after, step: stage.step, precision: precision)
                extent = convolution.output
                return convolution
            }
            norm = LayerNorm(source, "norm", width, epsilon: 1e-5)
            let small = precision.forSmallLayers
            codeHead = (
                Linear(whole, "encode_task_layer.0", width, width, precision: small),
                Linear(whole, "encode_task_layer.2", width, configuration.codeSize, precision: small)
            )
        }

        /// - Parameter tokens: output tokens × width, normalised.
        public func encode(_ motion: [Float], into tokens: Matrix, _ engine: Engine) {
            precondition(motion.count == 2 * input.count, "\(motion.count) values for \(input.count) cells")
            engine.workspace.scope {
                var x = engine.workspace.matrix(rows: input.count, columns: width)
                embed(motion, into: x, engine)
                var extent = input
                for (stage, convolution) in convolutions.enumerated() {
                    for block in blocks[stage * blocksPerStage..<(stage + 1) * blocksPerStage] {
                        block.run(x, extent, engine)
                    }
                    let next = engine.workspace.matrix(rows: convolution.output.count, columns: width)
                    engine.convolution(x, convolution, into: next)
                    x = next
                    extent = convolution.output
                }
                engine.layerNorm(x, norm, into: tokens)
            }
        }

        private func embed(_ motion: [Float], into x: Matrix, _ engine: Engine) {
            engine.workspace.scope {
                let cells = engine.workspace.matrix(rows: input.count, columns: 2)
                let area = input.rows * input.columns
                for row in 0..<input.count {
                    cells[row, 0] = motion[row]
                    cells[row, 1] = motion[input.count + row]
                    let (place, time) = (row % area * width, row / area * width)
                    for column in 0..<width {
                        x[row, column] = positions.values[place + column] + times.values[time + column]
                    }
                }
                engine.linear(cells, inputProjection, residual: x, into: x)
            }
        }

        /// What the codebook is asked about: tokens × code size, valid to the end of the engine's scope.
        public func codeVectors(of tokens: Matrix, _ engine: Engine) -> Matrix {
            let hidden = engine.workspace.matrix(rows: tokens.rows, columns: width)
            let vectors = engine.workspace.matrix(rows: tokens.rows, columns: codeHead.code.outputs)
            engine.linear(tokens, codeHead.hidden, activation: .tanh, into: hidden)
            engine.linear(hidden, codeHead.code, into: vectors)
            return vectors
        }
    }

    /// The way back: each stage repeats tokens, convolves, and runs three blocks.
    public struct Decoder: Sendable {
        private let width: Int
        private let output: Convolution3D.Extent
        private let inputProjection: Linear
        private let blocks: [SpatioTemporalBlock]
        private let convolutions: [Convolution3D]
        private let norm: LayerNorm
        private let motionHead: (hidden: Linear, motion: Linear)

        init(
            _ whole: any ParameterSource, _ configuration: VideoLaVITConfiguration.Motion, precision: Precision
        ) {
            let source = whole.below("decoder.")
            let width = configuration.width
            self.width = width
            output = Convolution3D.Extent(configuration.frames, configuration.rows, configuration.columns)
            inputProjection = Linear(
                source, "in_proj", configuration.codeSize, width, precision: precision.forSmallLayers)
            blocks = (0..<blocksPerStage * stages.count).map {
                SpatioTemporalBlock(
                    source.below("blocks.\($0)."), width: width, heads: configuration.heads, precision: precision)
            }
            var extent = output
            for stage in stages {
                extent = .init(
                    extent.frames / stage.step.frames, extent.rows / stage.step.rows,
                    extent.columns / stage.step.columns)
            }
            convolutions = stages.reversed().enumerated().map { index, stage in
                let convolution = Convolution3D(
                    source, "up_sample_layers.\(index).conv", channels: width, input: extent,
                    paddingBefore: .init(1, 1, 1), paddingAfter: .init(1, 1, 1), upsampling: stage.step,
                    precision: precision)
                extent = convolution.output
                return convolution
            }
            norm = LayerNorm(source, "norm", width, epsilon: 1e-5)
            let small = precision.forSmallLayers
            motionHead = (
                Linear(whole, "decode_task_layer.0", width, width, precision: small),
                Linear(whole, "decode_task_layer.2", width, 2, precision: small)
            )
        }

        /// - Parameter codes: a codebook row a code.
        func decode(_ codes: Matrix, _ engine: Engine) -> [Float] {
            engine.workspace.scope {
                var x = engine.workspace.matrix(rows: codes.rows, columns: width)
                engine.linear(codes, inputProjection, into: x)
                for (stage, convolution) in convolutions.enumerated() {
                    let next = engine.workspace.matrix(rows: convolution.output.count, columns: width)
                    engine.convolution(x, convolution, into: next)
                    x = next
                    for block in blocks[stage * blocksPerStage..<(stage + 1) * blocksPerStage] {
                        block.run(x, convolution.output, engine)
                    }
                }
                let hidden = engine.workspace.matrix(rows: x.rows, columns: width)
                let motion = engine.workspace.matrix(rows: x.rows, columns: 2)
                engine.linear(x, motionHead.hidden, norm: norm, activation: .tanh, into: hidden)
                engine.linear(hidden, motionHead.motion, into: motion)
                return (0..<2).flatMap { channel in (0..<motion.rows).map { motion[$0, channel] } }
            }
        }
    }
}

/// Attention within each frame, attention of each cell over time, and a feed-forward part.
struct SpatioTemporalBlock: Sendable {
    private let heads: Int
    private let precision: Precision
    private let norm0: LayerNorm
    private let spatial: (qkv: Linear, projection: Linear)
    private let norm1: LayerNorm
    private let temporal: (qkv: Linear, projection: Linear)
    private let norm2: LayerNorm
    private let fc1: Linear
    private let fc2: Linear

    init(_ source: any ParameterSource, width: Int, heads: Int, precision: Precision) {
        func attention(_ name: String) -> (qkv: Linear, projection: Linear) {
            (
                Linear(
                    source, name + ".qkv", width, 3 * width,
                    bias: .queryAndValue(query: name + ".q_bias", value: name + ".v_bias"), precision: precision),
                Linear(source, name + ".proj", width, width, precision: precision)
            )
        }
        self.heads = heads
        self.precision = precision
        norm0 = LayerNorm(source, "norm0", width, epsilon: 1e-5)
        spatial = attention("spatial_attention")
        norm1 = LayerNorm(source, "norm1", width, epsilon: 1e-5)
        temporal = attention("temporal_attention")
        norm2 = LayerNorm(source, "norm2", width, epsilon: 1e-5)
        fc1 = Linear(source, "mlp.fc1", width, 4 * width, precision: precision)
        fc2 = Linear(source, "mlp.fc2", 4 * width, width, precision: precision)
    }

    /// In place, on tokens in the order frame, row, column.
    func run(_ x: Matrix, _ extent: Convolution3D.Extent, _ engine: Engine) {
        attendInFrames(x, extent, engine)
        attendOverTime(x, extent, engine)
    }

    /// A frame a task.
    private func attendInFrames(_ x: Matrix, _ extent: Convolution3D.Extent, _ engine: Engine) {
        let area = extent.rows * extent.columns
        engine.forEach(extent.frames) { frame, worker in
            let rows = x.rows(frame * area..<(frame + 1) * area)
            worker.workspace.scope {
                let qkv = worker.workspace.matrix(rows: area, columns: 3 * x.columns)
                let attended = worker.workspace.matrix(rows: area, columns: x.columns)
                worker.linear(rows, spatial.qkv, norm: norm0, into: qkv)
                worker.attend(Attention(qkv, output: attended, heads: heads), precision: precision)
                worker.linear(attended, spatial.projection, residual: rows, into: rows)
            }
        }
    }

    /// A group of cells a task; then all that is left concerns single tokens, so the task does that too.
    private func attendOverTime(_ x: Matrix, _ extent: Convolution3D.Extent, _ engine: Engine) {
        let (area, frames) = (extent.rows * extent.columns, extent.frames)
        let group = max(1, min(240 / frames, area / 12))
        engine.forEach((area + group - 1) / group) { task, worker in
            let cells = task * group..<min((task + 1) * group, area)
            worker.workspace.scope {
                let tokens = worker.workspace.matrix(rows: cells.count * frames, columns: x.columns)
                let qkv = worker.workspace.matrix(rows: tokens.rows, columns: 3 * x.columns)
                let attended = worker.workspace.matrix(rows: tokens.rows, columns: x.columns)
                forEachToken(cells, frames) { row, cell, frame in
                    tokens.rows(row..<row + 1).copy(x.rows(frame * area + cell..<frame * area + cell + 1))
                }
                worker.linear(tokens, temporal.qkv, norm: norm1, into: qkv)
                for first in stride(from: 0, to: tokens.rows, by: frames) {
                    let rows = first..<first + frames
                    worker.attend(
                        Attention(qkv.rows(rows), output: attended.rows(rows), heads: heads), precision: precision)
                }
                worker.linear(attended, temporal.projection, residual: tokens, into: tokens)
                worker.feedForward(tokens, norm: norm2, fc1, fc2)
                forEachToken(cells, frames) { row, cell, frame in
                    x.rows(frame * area + cell..<frame * area + cell + 1).copy(tokens.rows(row..<row + 1))
                }
            }
        }
    }

    private func forEachToken(
        _ cells: Range<Int>, _ frames: Int, _ body: (_ row: Int, _ cell: Int, _ frame: Int) -> Void
    ) {
        for (index, cell) in cells.enumerated() {
            for frame in 0..<frames { body(index * frames + frame, cell, frame) }
        }
    }
}

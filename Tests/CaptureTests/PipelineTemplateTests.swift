import Capture
import Testing

@Suite struct PipelineTemplateTests {
    @Test func valuesAreEscapedAndCommentsLeftOut() throws {
        let template = PipelineTemplate(name: "x.gst", text: "# ${nothing}\nfilesrc location=${location} ! fakesink\n")
        #expect(try template.filled(with: ["location": "a b\"!é"]) == "filesrc location=a\\ b\\\"\\!é ! fakesink")
    }

    @Test(arguments: ["a ${unknown} b", "a ${location", "a ${location} ${}"])
    func unknownPlaceholdersAreErrors(text: String) {
        let template = PipelineTemplate(name: "x.gst", text: text)
        #expect(throws: SourceError.self) { try template.filled(with: ["location": "x"]) }
    }

    @Test func linesMayEndAsOnWindows() throws {
        let template = PipelineTemplate(
            name: "x.gst", text: "# a comment\r\nfilesrc location=${location}\r\n! fakesink\r\n")
        #expect(try template.filled(with: ["location": "x"]) == "filesrc location=x\n! fakesink")
    }

    @Test func controlCharactersAreRefused() {
        let template = PipelineTemplate(name: "x.gst", text: "${location}")
        #expect(throws: SourceError.self) { try template.filled(with: ["location": "a\nb"]) }
    }
}

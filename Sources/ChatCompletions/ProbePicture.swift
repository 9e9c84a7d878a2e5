internal import Foundation

/// A red disc on grey, 64 × 64 pixels: what a server is asked about to see whether it takes pictures.
enum ProbePicture {
    static let jpeg = [UInt8](Data(base64Encoded: text) ?? Data())

    private static let text = [
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1R",
        "V19iZ2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2Nj",
        "Y2NjY2NjY2NjY2NjY2P/wAARCABAAEADASIAAhEBAxEB/8QAGQABAQEBAQEAAAAAAAAAAAAAAAUDAgYE/8QAKhAAAgICAAQE",
        "BgMAAAAAAAAAAQIAAwQRBhIhQQUxUbETIjJhcZFCodH/xAAaAQACAwEBAAAAAAAAAAAAAAAAAQIDBAUG/8QAHhEAAwEBAAMA",
        "AwAAAAAAAAAAAAECAxESMTITIVH/2gAMAwEAAhEDEQA/APTRERiETmx0rQvY6oo8yx0BJlnEGGjlVFrgfyVRo/sxOkvZOM7v",
        "5XSrEkrxDhlgClygnzKjQ/uUqb6sisWUurqe4MFSfod5XH0jSIiMrE5sda62sc6VQST6ATqSuInZPDgFOg9gDfcaJ9wIqfF0",
        "nnHnan+kPxDPtzb2JZvhb+RPIAdunrPkiJib6+s9BMqVxCb4uXdiWh6XI69V7N+RMIiT4NpNcZ7fGvTKx0uq3yOOmx1msh8M",
        "OxryKyflUqQPud79hLk2xXlPTgbZ/j0ciSeI1J8PUgEhbATrt0MrTO+lMih6rBtXGjHS6uCyvwtUeHib5mM+JkvTYD0PQkfU",
        "OxmEwtcPQJprqERO6qnutWupSzsdACAN8/bLnDCnlyW0eUlQD27/AOy7MMLFTCxlpQ711La1zH1m82wvGeHA3taaOkIiJIqM",
        "sjHqyqvh3oHTe9GSLOG0Lk15LKvYMmz+9iXIkaia9lue2mfyyEvDY5hzZRK76gV6PvK2Jh0YVZShNb+onqW/M3iCiZ9Be+mi",
        "5TEREkVH/9k=",
    ].joined()
}

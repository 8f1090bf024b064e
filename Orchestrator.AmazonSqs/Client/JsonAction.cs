using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Orchestrator.AmazonSqs;

/// <summary>One action of the SQS JSON protocol: writes its request, reads its answer and its errors.</summary>
internal sealed class JsonAction<TRequest, TResponse>(string name, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TResponse> responseType)
    : ResponseUnmarshaller, IMarshaller<IRequest, AmazonWebServiceRequest>
    where TRequest : AmazonWebServiceRequest
    where TResponse : AmazonWebServiceResponse, new()
{
    public string Name => name;

    public InvokeOptions Options => field ??= new InvokeOptions { RequestMarshaller = this, ResponseUnmarshaller = this };

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var request = new DefaultRequest(input, "AmazonSQS")
        {
            HttpMethod = "POST",
            ResourcePath = "/",
            Content = JsonSerializer.SerializeToUtf8Bytes((TRequest)input, requestType),
        };
        request.Headers["Content-Type"] = "application/x-amz-json-1.0";
        request.Headers["X-Amz-Target"] = "AmazonSQS." + name;
        request.Headers["x-amzn-query-mode"] = "true";
        return request;
    }

    public override AmazonWebServiceResponse Unmarshall(UnmarshallerContext input)
    {
        if (input.ResponseData.ContentLength == 0)
            return new TResponse(); // DeleteQueue, PurgeQueue and the like answer with no body at all
        return JsonSerializer.Deserialize(((JsonUnmarshallerContext)input).Stream, responseType) ?? new TResponse();
    }

    public override AmazonServiceException UnmarshallException(UnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var (code, message) = ReadError(((JsonUnmarshallerContext)input).Stream);
        var requestId = input.ResponseData.IsHeaderPresent("x-amzn-RequestId") ? input.ResponseData.GetHeaderValue("x-amzn-RequestId") : "";
        return new AmazonServiceException(
            $"SQS refused {name} with {(int)statusCode} {code}: {message}",
            innerException,
            (int)statusCode < 500 ? ErrorType.Sender : ErrorType.Receiver,
            code,
            requestId,
            statusCode);
    }

    protected override UnmarshallerContext ConstructUnmarshallerContext(
        Stream responseStream, bool maintainResponseBody, IWebResponseData response, bool isException) =>
        new JsonUnmarshallerContext(responseStream, maintainResponseBody, response, isException);

    protected override UnmarshallerContext ConstructUnmarshallerContext(
        Stream responseStream, bool maintainResponseBody, IWebResponseData response, bool isException, IRequestContext requestContext) =>
        new JsonUnmarshallerContext(responseStream, maintainResponseBody, response, isException, requestContext);

    /// <summary>The error's short name is what follows '#' in <c>__type</c>; a proxy's HTML page has none and counts as a fault of the service.</summary>
    private static (string Code, string Message) ReadError(Stream body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var type = Text(document.RootElement, "__type") ?? "";
            return (type[(type.LastIndexOf('#') + 1)..], Text(document.RootElement, "message") ?? Text(document.RootElement, "Message") ?? "no reason given");
        }
        catch (JsonException)
        {
            return ("ServiceUnavailable", "the answer was no JSON");
        }
    }

    private static string? Text(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) ? value.GetString() : null;
}

using System.Net;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Orchestrator.AmazonSqs;

/// <summary>The few actions of SNS that the transport needs, over SNS's Query protocol (a form goes out, XML comes back).</summary>
internal sealed class SnsClient : AmazonServiceClient
{
    private static readonly QueryProtocol Protocol = new();
    private static readonly InvokeOptions Options = new() { RequestMarshaller = Protocol, ResponseUnmarshaller = Protocol };
    private readonly RequestCounter _requests;

    public SnsClient(ServiceConfig config, RequestCounter requests) : base(config) => _requests = requests;

    public SnsClient(AWSCredentials credentials, ServiceConfig config, RequestCounter requests) : base(credentials, config) => _requests = requests;

    protected override IServiceMetadata ServiceMetadata { get; } = new ServiceMetadata("SNS");

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline) =>
        pipeline.AddHandlerAfter<EndpointResolver>(new SigV4AuthResolver());

    /// <summary>Makes the topic, or answers the ARN of the one that is there already: it needs no listing of the account's topics.</summary>
    public async Task<string> CreateTopic(
        string name, IReadOnlyDictionary<string, string> attributes, IReadOnlyDictionary<string, string> tags, CancellationToken ct)
    {
        var request = new SnsRequest("CreateTopic").Add("Name", name);
        request.AddEntries("Attributes.entry", attributes);
        var tag = 0;
        foreach (var (key, value) in tags)
            request.Add($"Tags.member.{++tag}.Key", key).Add($"Tags.member.{tag}.Value", value);
        return (await Call(request, ct)).Text("TopicArn");
    }

    public Task GetTopicAttributes(string arn, CancellationToken ct) => Call(new SnsRequest("GetTopicAttributes").Add("TopicArn", arn), ct);

    public async Task<string> Subscribe(string topicArn, string queueArn, IReadOnlyDictionary<string, string> attributes, CancellationToken ct)
    {
        var request = new SnsRequest("Subscribe")
            .Add("TopicArn", topicArn).Add("Protocol", "sqs").Add("Endpoint", queueArn).Add("ReturnSubscriptionArn", "true");
        request.AddEntries("Attributes.entry", attributes);
        return (await Call(request, ct)).Text("SubscriptionArn");
    }

    public async Task<(IReadOnlyList<(string Arn, string Endpoint)> Subscriptions, string? NextToken)> ListSubscriptionsByTopic(
        string topicArn, string? nextToken, CancellationToken ct)
    {
        var request = new SnsRequest("ListSubscriptionsByTopic").Add("TopicArn", topicArn);
        if (nextToken is not null)
            request.Add("NextToken", nextToken);
        var answer = await Call(request, ct);
        var found = from member in answer.Elements("member")
                    where member.Elements().Any(e => e.Name.LocalName == "SubscriptionArn")
                    select (SnsResponse.Text(member, "SubscriptionArn"), SnsResponse.Text(member, "Endpoint"));
        var next = answer.Text("NextToken");
        return ([.. found], next.Length == 0 ? null : next);
    }

    public Task SetSubscriptionAttribute(string arn, string name, string value, CancellationToken ct) =>
        Call(new SnsRequest("SetSubscriptionAttributes").Add("SubscriptionArn", arn).Add("AttributeName", name).Add("AttributeValue", value), ct);

    public Task Unsubscribe(string arn, CancellationToken ct) => Call(new SnsRequest("Unsubscribe").Add("SubscriptionArn", arn), ct);

    public async Task<BatchResponse> PublishBatch(string topicArn, IReadOnlyList<SendEntry> entries, CancellationToken ct)
    {
        var request = new SnsRequest("PublishBatch").Add("TopicArn", topicArn);
        for (var i = 0; i < entries.Count; i++)
            request.AddPublishEntry($"PublishBatchRequestEntries.member.{i + 1}", entries[i]);
        var answer = await Call(request, ct);
        return new BatchResponse
        {
            Successful = [.. answer.Section("Successful").Select(member => new BatchSuccess { Id = SnsResponse.Text(member, "Id") })],
            Failed = [.. answer.Section("Failed").Select(member => new BatchFailure
            {
                Id = SnsResponse.Text(member, "Id"),
                Code = SnsResponse.Text(member, "Code"),
                Message = SnsResponse.Text(member, "Message"),
                SenderFault = SnsResponse.Text(member, "SenderFault") == "true",
            })],
        };
    }

    private Task<SnsResponse> Call(SnsRequest request, CancellationToken ct)
    {
        _requests.Count(request.Action);
        return InvokeAsync<SnsResponse>(request, Options, ct);
    }

    private sealed class SnsRequest(string action) : AmazonWebServiceRequest
    {
        private readonly StringBuilder _form = new($"Action={action}&Version=2010-03-31");

        public string Action => action;

        public SnsRequest Add(string key, string value)
        {
            _form.Append('&').Append(key).Append('=').Append(Uri.EscapeDataString(value));
            return this;
        }

        public void AddEntries(string prefix, IReadOnlyDictionary<string, string> entries)
        {
            var number = 0;
            foreach (var (key, value) in entries)
                Add($"{prefix}.{++number}.key", key).Add($"{prefix}.{number}.value", value);
        }

        public void AddPublishEntry(string prefix, SendEntry entry)
        {
            Add(prefix + ".Id", entry.Id).Add(prefix + ".Message", entry.MessageBody);
            if (entry.MessageGroupId is { } group)
                Add(prefix + ".MessageGroupId", group);
            if (entry.MessageDeduplicationId is { } deduplication)
                Add(prefix + ".MessageDeduplicationId", deduplication);
            var number = 0;
            foreach (var (name, attribute) in entry.MessageAttributes ?? [])
            {
                var key = $"{prefix}.MessageAttributes.entry.{++number}.";
                Add(key + "Name", name).Add(key + "Value.DataType", attribute.DataType);
                if (attribute.BinaryValue is { } binary)
                    Add(key + "Value.BinaryValue", Convert.ToBase64String(binary));
                else
                    Add(key + "Value.StringValue", attribute.StringValue ?? "");
            }
        }

        public byte[] ToForm() => Encoding.UTF8.GetBytes(_form.ToString());
    }

    private sealed class SnsResponse : AmazonWebServiceResponse
    {
        public XElement? Xml { get; init; }

        public string Text(string element) => Elements(element).FirstOrDefault()?.Value ?? "";

        public IEnumerable<XElement> Elements(string name) => Xml?.Descendants().Where(e => e.Name.LocalName == name) ?? [];

        public IEnumerable<XElement> Section(string name) => Elements(name).Elements().Where(e => e.Name.LocalName == "member");

        public static string Text(XElement parent, string name) => parent.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value ?? "";
    }

    private sealed class QueryProtocol : ResponseUnmarshaller, IMarshaller<IRequest, AmazonWebServiceRequest>
    {
        public IRequest Marshall(AmazonWebServiceRequest input)
        {
            var request = new DefaultRequest(input, "AmazonSNS") { HttpMethod = "POST", ResourcePath = "/", Content = ((SnsRequest)input).ToForm() };
            request.Headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8";
            return request;
        }

        public override AmazonWebServiceResponse Unmarshall(UnmarshallerContext input) =>
            input.ResponseData.ContentLength == 0
                ? new SnsResponse()
                : new SnsResponse { Xml = XElement.Load(((XmlUnmarshallerContext)input).Stream) };

        public override AmazonServiceException UnmarshallException(UnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
        {
            var (code, message) = ReadError(((XmlUnmarshallerContext)input).Stream);
            return new AmazonServiceException(
                $"SNS refused the request with {(int)statusCode} {code}: {message}",
                innerException,
                (int)statusCode < 500 ? ErrorType.Sender : ErrorType.Receiver,
                code,
                "",
                statusCode);
        }

        protected override UnmarshallerContext ConstructUnmarshallerContext(
            Stream responseStream, bool maintainResponseBody, IWebResponseData response, bool isException) =>
            new XmlUnmarshallerContext(responseStream, maintainResponseBody, response, isException);

        protected override UnmarshallerContext ConstructUnmarshallerContext(
            Stream responseStream, bool maintainResponseBody, IWebResponseData response, bool isException, IRequestContext requestContext) =>
            new XmlUnmarshallerContext(responseStream, maintainResponseBody, response, isException, requestContext);

        private static (string Code, string Message) ReadError(Stream body)
        {
            try
            {
                var error = XElement.Load(body).DescendantsAndSelf().FirstOrDefault(e => e.Name.LocalName == "Error");
                return error is null ? ("ServiceUnavailable", "no reason given") : (SnsResponse.Text(error, "Code"), SnsResponse.Text(error, "Message"));
            }
            catch (XmlException)
            {
                return ("ServiceUnavailable", "the answer was no XML");
            }
        }
    }
}

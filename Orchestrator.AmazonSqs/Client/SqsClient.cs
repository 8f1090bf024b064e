using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Orchestrator.AmazonSqs;

/// <summary>The actions of SQS that the transport needs, with the retries, clock skew correction, signing and credentials of AWSSDK.Core.</summary>
internal sealed class SqsClient : AmazonServiceClient
{
    private readonly RequestCounter _requests;

    public SqsClient(ServiceConfig config, RequestCounter requests) : base(config) => _requests = requests;

    public SqsClient(AWSCredentials credentials, ServiceConfig config, RequestCounter requests) : base(credentials, config) => _requests = requests;

    protected override IServiceMetadata ServiceMetadata { get; } = new ServiceMetadata("SQS");

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline) =>
        pipeline.AddHandlerAfter<EndpointResolver>(new SigV4AuthResolver());

    public Task<QueueUrlResponse> CreateQueue(CreateQueueRequest request, CancellationToken ct) => Call(Actions.CreateQueue, request, ct);

    public Task<QueueUrlResponse> GetQueueUrl(string name, CancellationToken ct) =>
        Call(Actions.GetQueueUrl, new GetQueueUrlRequest { QueueName = name }, ct);

    public Task<GetQueueAttributesResponse> GetQueueAttributes(string url, CancellationToken ct) =>
        Call(Actions.GetQueueAttributes, new GetQueueAttributesRequest { QueueUrl = url }, ct);

    public Task SetQueueAttributes(string url, IReadOnlyDictionary<string, string> attributes, CancellationToken ct) =>
        Call(Actions.SetQueueAttributes, new SetQueueAttributesRequest { QueueUrl = url, Attributes = attributes }, ct);

    public Task DeleteQueue(string url, CancellationToken ct) => Call(Actions.DeleteQueue, new QueueRequest { QueueUrl = url }, ct);

    public Task PurgeQueue(string url, CancellationToken ct) => Call(Actions.PurgeQueue, new QueueRequest { QueueUrl = url }, ct);

    public Task TagQueue(string url, IReadOnlyDictionary<string, string> tags, CancellationToken ct) =>
        Call(Actions.TagQueue, new TagQueueRequest { QueueUrl = url, Tags = tags }, ct);

    public async Task<IReadOnlyDictionary<string, string>> ListQueueTags(string url, CancellationToken ct) =>
        (await Call(Actions.ListQueueTags, new QueueRequest { QueueUrl = url }, ct)).Tags ?? [];

    public Task<ListQueuesResponse> ListQueues(ListQueuesRequest request, CancellationToken ct) => Call(Actions.ListQueues, request, ct);

    public async Task<IReadOnlyList<SqsMessage>> ReceiveMessage(ReceiveMessageRequest request, CancellationToken ct) =>
        (await Call(Actions.ReceiveMessage, request, ct)).Messages ?? [];

    public Task<BatchResponse> SendMessageBatch(string url, IReadOnlyList<SendEntry> entries, CancellationToken ct) =>
        Call(Actions.SendMessageBatch, new BatchRequest<SendEntry> { QueueUrl = url, Entries = entries }, ct);

    public Task<BatchResponse> DeleteMessageBatch(string url, IReadOnlyList<DeleteEntry> entries, CancellationToken ct) =>
        Call(Actions.DeleteMessageBatch, new BatchRequest<DeleteEntry> { QueueUrl = url, Entries = entries }, ct);

    public Task<BatchResponse> ChangeMessageVisibilityBatch(string url, IReadOnlyList<VisibilityEntry> entries, CancellationToken ct) =>
        Call(Actions.ChangeMessageVisibilityBatch, new BatchRequest<VisibilityEntry> { QueueUrl = url, Entries = entries }, ct);

    private Task<TResponse> Call<TRequest, TResponse>(JsonAction<TRequest, TResponse> action, TRequest request, CancellationToken ct)
        where TRequest : AmazonWebServiceRequest
        where TResponse : AmazonWebServiceResponse, new()
    {
        _requests.Count(action.Name);
        return InvokeAsync<TResponse>(request, action.Options, ct);
    }

    private static class Actions
    {
        public static readonly JsonAction<CreateQueueRequest, QueueUrlResponse> CreateQueue =
            new("CreateQueue", SqsJson.Wire.CreateQueueRequest, SqsJson.Wire.QueueUrlResponse);
        public static readonly JsonAction<GetQueueUrlRequest, QueueUrlResponse> GetQueueUrl =
            new("GetQueueUrl", SqsJson.Wire.GetQueueUrlRequest, SqsJson.Wire.QueueUrlResponse);
        public static readonly JsonAction<GetQueueAttributesRequest, GetQueueAttributesResponse> GetQueueAttributes =
            new("GetQueueAttributes", SqsJson.Wire.GetQueueAttributesRequest, SqsJson.Wire.GetQueueAttributesResponse);
        public static readonly JsonAction<SetQueueAttributesRequest, EmptyResponse> SetQueueAttributes =
            new("SetQueueAttributes", SqsJson.Wire.SetQueueAttributesRequest, SqsJson.Wire.EmptyResponse);
        public static readonly JsonAction<QueueRequest, EmptyResponse> DeleteQueue =
            new("DeleteQueue", SqsJson.Wire.QueueRequest, SqsJson.Wire.EmptyResponse);
        public static readonly JsonAction<QueueRequest, EmptyResponse> PurgeQueue =
            new("PurgeQueue", SqsJson.Wire.QueueRequest, SqsJson.Wire.EmptyResponse);
        public static readonly JsonAction<TagQueueRequest, EmptyResponse> TagQueue =
            new("TagQueue", SqsJson.Wire.TagQueueRequest, SqsJson.Wire.EmptyResponse);
        public static readonly JsonAction<QueueRequest, ListQueueTagsResponse> ListQueueTags =
            new("ListQueueTags", SqsJson.Wire.QueueRequest, SqsJson.Wire.ListQueueTagsResponse);
        public static readonly JsonAction<ListQueuesRequest, ListQueuesResponse> ListQueues =
            new("ListQueues", SqsJson.Wire.ListQueuesRequest, SqsJson.Wire.ListQueuesResponse);
        public static readonly JsonAction<ReceiveMessageRequest, ReceiveMessageResponse> ReceiveMessage =
            new("ReceiveMessage", SqsJson.Wire.ReceiveMessageRequest, SqsJson.Wire.ReceiveMessageResponse);
        public static readonly JsonAction<BatchRequest<SendEntry>, BatchResponse> SendMessageBatch =
            new("SendMessageBatch", SqsJson.Wire.SendBatch, SqsJson.Wire.BatchResponse);
        public static readonly JsonAction<BatchRequest<DeleteEntry>, BatchResponse> DeleteMessageBatch =
            new("DeleteMessageBatch", SqsJson.Wire.DeleteBatch, SqsJson.Wire.BatchResponse);
        public static readonly JsonAction<BatchRequest<VisibilityEntry>, BatchResponse> ChangeMessageVisibilityBatch =
            new("ChangeMessageVisibilityBatch", SqsJson.Wire.VisibilityBatch, SqsJson.Wire.BatchResponse);
    }
}

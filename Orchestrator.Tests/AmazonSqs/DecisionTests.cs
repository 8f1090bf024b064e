using MassTransit;
using MassTransit.Serialization;
using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class PollRuleTests
{
    [Theory]
    [Trait("Requirement", "PROT-4")]
    [InlineData(64, 0, 0, false, nameof(PollDecision.Ask), 10)]
    [InlineData(64, 54, 22, false, nameof(PollDecision.Ask), 10)]
    [InlineData(64, 60, 28, false, nameof(PollDecision.Linger), 0)]
    [InlineData(64, 60, 28, true, nameof(PollDecision.Ask), 4)]
    [InlineData(64, 60, 0, false, nameof(PollDecision.Ask), 4)]
    [InlineData(64, 64, 0, true, nameof(PollDecision.WaitForSlot), 0)]
    [InlineData(3, 0, 0, false, nameof(PollDecision.Ask), 3)]
    [InlineData(3, 3, 2, false, nameof(PollDecision.WaitForSlot), 0)]
    public void A_poll_asks_for_all_that_fit_and_waits_for_more_only_while_there_is_work_in_hand(
        int prefetch, int taken, int unstarted, bool lingered, string decision, int messages) =>
        Assert.Equal((Enum.Parse<PollDecision>(decision), messages), PollRule.Next(prefetch, taken, unstarted, lingered));
}

public class AfterFaultTests
{
    [Theory]
    [Trait("Requirement", "PROT-7")]
    [InlineData(true, true, true, nameof(FaultDecision.LetGo))]
    [InlineData(true, false, false, nameof(FaultDecision.LetGo))]
    [InlineData(false, true, true, nameof(FaultDecision.HandBack))]
    [InlineData(false, false, true, nameof(FaultDecision.BackOff))]
    [InlineData(false, true, false, nameof(FaultDecision.BackOff))]
    public void A_message_that_was_not_settled_leaves_by_its_reason(bool isLost, bool isCancelled, bool isStopping, string expected) =>
        Assert.Equal(Enum.Parse<FaultDecision>(expected), AfterFault.Decide(isLost, isCancelled, isStopping));

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(5, 32)]
    [InlineData(9, 512)]
    [InlineData(10, 900)]
    [InlineData(1000, 900)]
    public void Each_failure_waits_longer_up_to_the_most(int receiveCount, int seconds) =>
        Assert.Equal(seconds, AfterFault.BackoffSeconds(receiveCount, TimeSpan.FromSeconds(900)));
}

public class SettledMemoryTests
{
    [Fact]
    [Trait("Requirement", "PROT-6")]
    public void The_last_ones_are_remembered_and_the_memory_is_bounded()
    {
        var memory = new SettledMemory(100);
        for (var i = 0; i < 1000; i++)
            memory.Add($"m{i}");

        Assert.All(Enumerable.Range(950, 50), i => Assert.True(memory.Contains($"m{i}")));
        Assert.False(memory.Contains("m0"));
    }

    [Fact]
    public void What_is_seen_again_stays()
    {
        var memory = new SettledMemory(10);
        memory.Add("kept");
        for (var i = 0; i < 100; i++)
        {
            Assert.True(memory.Contains("kept"));
            memory.Add($"m{i}");
        }
    }
}

public class DueTimeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_message_that_came_early_goes_on_with_the_rest_of_its_delay()
    {
        var attributes = new Dictionary<string, MessageAttribute> { [DueTime.Attribute] = AttributeBudget.Text(DueTime.Write(Now + TimeSpan.FromMinutes(40))) };

        Assert.Equal(TimeSpan.FromMinutes(40), DueTime.Remaining(attributes, Now));
        Assert.Equal(900, DueTime.SecondsOf(TimeSpan.FromMinutes(40)));
        Assert.Equal(601, DueTime.SecondsOf(TimeSpan.FromSeconds(600.2)));
        Assert.Null(DueTime.Remaining(attributes, Now + TimeSpan.FromMinutes(40)));
        Assert.Null(DueTime.Remaining(new Dictionary<string, MessageAttribute>(), Now));
        Assert.Null(DueTime.Remaining(null, Now));
    }
}

public class EntityNameTests
{
    [Theory]
    [InlineData("orders", "orders_error")]
    [InlineData("orders.fifo", "orders_error.fifo")]
    public void A_queue_beside_another_keeps_its_kind(string queue, string expected) => Assert.Equal(expected, EntityNames.WithSuffix(queue, "_error"));

    [Fact]
    public void Names_that_AWS_refuses_are_refused_with_the_reason()
    {
        Assert.Null(EntityNames.QueueNameFault(new string('q', 80)));
        Assert.Contains("81", EntityNames.QueueNameFault(new string('q', 81)));
        Assert.Contains("'.'", EntityNames.QueueNameFault("a.b"));
        Assert.Null(EntityNames.QueueNameFault("a.fifo"));
        Assert.NotNull(EntityNames.QueueNameFault(""));
        Assert.Null(EntityNames.TopicNameFault(new string('t', 256)));
    }

    public sealed class Envelope<T>;

    public sealed record Inner;

    [Theory]
    [InlineData(typeof(Inner), "Orchestrator_Tests_AmazonSqs-EntityNameTests_Inner")]
    [InlineData(typeof(DecisionMessage), "Orchestrator_Tests_AmazonSqs-DecisionMessage")]
    [InlineData(typeof(Fault<DecisionMessage>), "MassTransit-Fault--Orchestrator_Tests_AmazonSqs-DecisionMessage--")]
    public void A_topic_is_named_as_services_on_the_official_package_name_it(Type type, string expected) =>
        Assert.Equal(expected, new AmazonSqsMessageNameFormatter().GetMessageName(type));
}

public sealed record DecisionMessage;

public class AmazonSqsAddressTests
{
    private static readonly Uri Host = new("amazonsqs://eu-west-1/");
    private static readonly Uri ScopedHost = new("amazonsqs://eu-west-1/green");

    [Theory]
    [InlineData("queue:orders", "amazonsqs://eu-west-1/orders")]
    [InlineData("queue:orders.fifo", "amazonsqs://eu-west-1/orders.fifo")]
    [InlineData("topic:news", "amazonsqs://eu-west-1/news?type=topic")]
    [InlineData("queue:orders?durable=false&autodelete=true", "amazonsqs://eu-west-1/orders?durable=false&autodelete=true")]
    [InlineData("amazonsqs://eu-west-1/orders", "amazonsqs://eu-west-1/orders")]
    [InlineData("amazonsqs://eu-west-1/blue/orders", "amazonsqs://eu-west-1/blue/orders")]
    [InlineData("amazonsqs://eu-west-1/news?type=topic", "amazonsqs://eu-west-1/news?type=topic")]
    [InlineData("amazonsqs://eu-west-1/orders?temporary=true", "amazonsqs://eu-west-1/orders?durable=false&autodelete=true")]
    public void Every_form_of_an_address_reads_to_the_same_queue(string text, string expected) =>
        Assert.Equal(new Uri(expected), AmazonSqsAddress.Parse(Host, new Uri(text)).ToUri());

    [Fact]
    public void A_short_address_takes_the_scope_of_its_host() =>
        Assert.Equal(new Uri("amazonsqs://eu-west-1/green/orders"), AmazonSqsAddress.Parse(ScopedHost, new Uri("queue:orders")).ToUri());

    [Theory]
    [InlineData("rabbitmq://host/orders")]
    [InlineData("queue:or ders")]
    [InlineData("queue:a.b")]
    public void An_address_of_something_else_is_refused(string text) =>
        Assert.Throws<ArgumentException>(() => AmazonSqsAddress.Parse(Host, new Uri(text)));
}

public class AttributeBudgetTests
{
    [Fact]
    public void A_move_with_too_many_headers_keeps_ten_attributes_and_the_reason_among_them()
    {
        var message = new SqsMessage
        {
            MessageId = "id",
            Body = "{}",
            MessageAttributes = Enumerable.Range(0, 10).ToDictionary(i => $"h{i}", _ => AttributeBudget.Text("v")),
        };
        message.MessageAttributes.Remove("h9");
        message.MessageAttributes[AttributeBudget.ContentType] = AttributeBudget.Text("application/json");

        var entry = MoveTransport.Entry(message, Reasons("boom \u0001\uFFFE" + new string('x', 5000)), isFifo: false, maxBytes: 1_000_000);

        Assert.Equal(10, entry.MessageAttributes!.Count);
        Assert.Equal("application/json", entry.MessageAttributes["Content-Type"].StringValue);
        Assert.Equal("fault", entry.MessageAttributes[MessageHeaders.Reason].StringValue);
        var text = entry.MessageAttributes[MessageHeaders.FaultMessage].StringValue!;
        Assert.True(text.Length <= 1024);
        Assert.DoesNotContain('\u0001', text);
        Assert.DoesNotContain('\uFFFE', text);
    }

    [Fact]
    public void A_move_of_a_message_at_the_size_limit_drops_attributes_rather_than_failing()
    {
        var message = new SqsMessage { MessageId = "id", Body = new string('b', 990) };

        var entry = MoveTransport.Entry(message, Reasons(new string('x', 500)), isFifo: false, maxBytes: 1000);

        Assert.True(SendBatches.SizeOf(entry) <= 1000);
    }

    [Fact]
    public void A_move_in_FIFO_is_deduplicated_with_itself_only()
    {
        SqsMessage Message(string id) => new()
        {
            MessageId = id,
            Body = "{}",
            Attributes = new() { ["MessageGroupId"] = "g", ["MessageDeduplicationId"] = new string('d', 128) },
        };

        var first = MoveTransport.Entry(Message("11111111-1111-1111-1111-111111111111"), Reasons("x"), isFifo: true, maxBytes: 1000);
        var again = MoveTransport.Entry(Message("11111111-1111-1111-1111-111111111111"), Reasons("x"), isFifo: true, maxBytes: 1000);
        var other = MoveTransport.Entry(Message("22222222-2222-2222-2222-222222222222"), Reasons("x"), isFifo: true, maxBytes: 1000);

        Assert.Equal("g", first.MessageGroupId);
        Assert.Equal(first.MessageDeduplicationId, again.MessageDeduplicationId);
        Assert.NotEqual(first.MessageDeduplicationId, other.MessageDeduplicationId);
        Assert.InRange(first.MessageDeduplicationId!.Length, 1, 128);
    }

    [Theory]
    [InlineData("traceparent", true)]
    [InlineData("MT-Reason", true)]
    [InlineData("with space", false)]
    [InlineData("AWS.x", false)]
    [InlineData(".dot", false)]
    public void A_header_whose_name_AWS_refuses_stays_in_the_envelope(string name, bool travels)
    {
        var attributes = new Dictionary<string, MessageAttribute>();
        var headers = new DictionarySendHeaders();
        headers.Set(name, "v");
        AttributeBudget.AddHeaders(attributes, headers);
        Assert.Equal(travels, attributes.ContainsKey(name));
    }

    private static IEnumerable<KeyValuePair<string, object>> Reasons(string message) =>
        [new(MessageHeaders.Reason, "fault"), new(MessageHeaders.FaultMessage, message)];
}

public class QueuePolicyTests
{
    private const string Queue = "arn:aws:sqs:us-east-1:1:q";
    private const string Topic = "arn:aws:sns:us-east-1:1:t";

    [Fact]
    public void An_empty_policy_gets_one_statement_for_all_topics_of_the_account()
    {
        var policy = QueuePolicy.Allow(null, Queue, [Topic, "arn:aws:sns:us-east-1:1:u"])!;
        Assert.Contains("arn:aws:sns:us-east-1:1:*", policy);
        Assert.Single(System.Text.Json.Nodes.JsonNode.Parse(policy)!["Statement"]!.AsArray());
        Assert.Null(QueuePolicy.Allow(policy, Queue, [Topic]));
    }

    [Fact]
    public void Statements_of_others_are_kept()
    {
        const string foreign = """{"Version":"2008-10-17","Id":"theirs","Statement":{"Sid":"s","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"x"}}""";
        var policy = System.Text.Json.Nodes.JsonNode.Parse(QueuePolicy.Allow(foreign, Queue, [Topic])!)!;
        Assert.Equal("theirs", policy["Id"]!.GetValue<string>());
        Assert.Equal(2, policy["Statement"]!.AsArray().Count);
        Assert.Equal("Deny", policy["Statement"]![0]!["Effect"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("""{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"q","Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:sns:us-east-1:1:x","arn:aws:sns:us-east-1:1:t"]}}}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":["SQS:*"],"Resource":"q"}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sqs:SendMessage","Resource":"q","Condition":{"StringLike":{"aws:SourceArn":"arn:aws:sns:*:1:*"}}}""", true)]
    [InlineData("""{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::2:root"},"Action":"sqs:SendMessage","Resource":"q"}""", false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"q","Condition":{"Bool":{"aws:SecureTransport":"true"}}}""", false)]
    [InlineData("""{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"q"}""", false)]
    [InlineData("""{"Effect":"Allow","Principal":"*","Action":"sqs:ReceiveMessage","Resource":"q"}""", false)]
    public void A_statement_counts_if_it_lets_the_topic_deliver(string statement, bool covers) =>
        Assert.Equal(covers, QueuePolicy.Allow($$"""{"Statement":[{{statement}}]}""", Queue, [Topic]) is null);
}

public class SqsBodyTests
{
    [Fact]
    public void An_envelope_of_SNS_is_unwrapped_with_its_attributes()
    {
        const string wrapped = """{"Type":"Notification","TopicArn":"arn:aws:sns:r:1:t","Message":"{\"message\":{}}","MessageAttributes":{"Content-Type":{"Type":"String","Value":"application/vnd.masstransit+json"}}}""";
        var (body, attributes) = SnsEnvelope.Unwrap(wrapped, null);
        Assert.Equal("""{"message":{}}""", body);
        Assert.Equal("application/vnd.masstransit+json", attributes!["Content-Type"].StringValue);
    }

    [Theory]
    [InlineData("""{"message":{}}""")]
    [InlineData("""{"Type":"SubscriptionConfirmation","TopicArn":"arn","Message":"You have chosen to subscribe"}""")]
    [InlineData("""{"TopicArn": broken""")]
    [InlineData("no json")]
    public void Anything_else_is_left_as_it_is(string text) => Assert.Equal(text, SnsEnvelope.Unwrap(text, null).Body);

    [Fact]
    public void A_binary_body_is_read_from_its_base64_and_text_from_its_UTF8()
    {
        byte[] binary = [1, 2, 3, 250, 0];
        Assert.Equal(binary, new SqsMessageBody(Convert.ToBase64String(binary)).GetBytes());
        Assert.Equal("{\"ä\":1}"u8.ToArray(), new SqsMessageBody("{\"ä\":1}").GetBytes());
    }
}

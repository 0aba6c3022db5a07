package dev.purekv.console.grpc;

import dev.purekv.console.audit.DoorAudit;
import dev.purekv.console.audit.DoorAudit.Program;
import dev.purekv.console.loads.Loads;
import dev.purekv.server.InferenceServer;
import inference.GrpcService.ModelRepositoryParameter;
import inference.GrpcService.ModelRepositoryParameter.ParameterChoiceCase;
import inference.GrpcService.RepositoryIndexRequest;
import inference.GrpcService.RepositoryIndexResponse;
import inference.GrpcService.RepositoryModelLoadRequest;
import inference.GrpcService.RepositoryModelLoadResponse;
import inference.GrpcService.RepositoryModelUnloadRequest;
import inference.GrpcService.RepositoryModelUnloadResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Lists, loads and unloads models. Source: Triton r24.10, src/grpc/grpc_server.cc. Differs: a file of a load must be inside
 * the model's folder, as Triton's documentation asks.
 */
@Component
final class RepositoryControl {
    private static final String FILE = "file:";

    private final InferenceServer server;
    private final Loads loads;
    private final DoorAudit audit;

    RepositoryControl(InferenceServer server, Loads loads, DoorAudit audit) {
        this.server = server;
        this.loads = loads;
        this.audit = audit;
    }

    RepositoryIndexResponse index(RepositoryIndexRequest request) {
        requireNoRepository(request.getRepositoryName());
        String models = "{\"models\":" + server.repositoryIndex(request.getReady()) + "}";
        return TritonJson.into(RepositoryIndexResponse.newBuilder(), models).build();
    }

    /** Returns when the model is ready. */
    RepositoryModelLoadResponse load(RepositoryModelLoadRequest request, Program who) {
        requireNoRepository(request.getRepositoryName());
        Map<String, Object> parameters = new HashMap<>();
        request.getParametersMap().forEach((name, value) -> parameters.put(name, loadParameter(name, value)));
        String model = request.getModelName();
        audit.change(who, "load", model, "over gRPC", () -> loads.load(model, parameters));
        return RepositoryModelLoadResponse.getDefaultInstance();
    }

    private static Object loadParameter(String name, ModelRepositoryParameter value) {
        if (name.equals("config")) {
            require(name, value, ParameterChoiceCase.STRING_PARAM, "string_param");
            return value.getStringParam();
        }
        if (!name.startsWith(FILE)) {
            throw Statuses.invalid("unrecognized load parameter '" + name + "'; known are 'config' and 'file:<path>'");
        }
        require(name, value, ParameterChoiceCase.BYTES_PARAM, "bytes_param");
        String path = name.substring(FILE.length());
        if (path.startsWith("/")
                || path.indexOf('\\') >= 0
                || List.of(path.split("/")).contains("..")) {
            throw Statuses.invalid("load parameter '" + name + "': expected a path inside the model's folder");
        }
        return value.getBytesParam().toByteArray();
    }

    RepositoryModelUnloadResponse unload(RepositoryModelUnloadRequest request, Program who) {
        requireNoRepository(request.getRepositoryName());
        ModelRepositoryParameter dependents = request.getParametersMap().get("unload_dependents");
        if (dependents != null) {
            require("unload_dependents", dependents, ParameterChoiceCase.BOOL_PARAM, "bool_param");
        }
        String model = request.getModelName();
        boolean all = dependents != null && dependents.getBoolParam();
        audit.change(who, "unload", model, "over gRPC", () -> loads.unload(model, all));
        return RepositoryModelUnloadResponse.getDefaultInstance();
    }

    private static void require(String name, ModelRepositoryParameter value, ParameterChoiceCase type, String words) {
        if (value.getParameterChoiceCase() != type) {
            throw Statuses.invalid("invalid value type for '" + name + "' parameter, expected " + words + ".");
        }
    }

    private static void requireNoRepository(String name) {
        if (!name.isEmpty()) {
            throw Statuses.unsupported("'repository_name' specification is not supported");
        }
    }
}

// The library's headers are C++ and are read by CProtobufReader alone; Swift gets nothing from here but the linking.
